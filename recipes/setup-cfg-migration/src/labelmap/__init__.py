"""Class names to numbers and back, from label sets that ship with the package."""

from collections.abc import Iterable
from importlib.resources import files

import yaml

__version__ = "1.4.2"


class LabelMap:
    """A fixed order of class names; the place of a name is its number."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        self._numbers = {name: number for number, name in enumerate(self.names)}
        if len(self._numbers) != len(self.names):
            raise ValueError("a label set must not hold a name twice")

    @classmethod
    def shipped(cls, name: str) -> "LabelMap":
        """One of the sets in `labelmap/sets`, such as `pets`."""
        text = files("labelmap").joinpath("sets", f"{name}.yaml").read_text("utf-8")
        return cls(yaml.safe_load(text)["names"])

    def encode(self, names: Iterable[str]) -> list[int]:
        return [self._numbers[name] for name in names]

    def decode(self, numbers: Iterable[int]) -> list[str]:
        return [self.names[number] for number in numbers]
