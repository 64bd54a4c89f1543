"""Lanes: the kinds of environment in which steps run. Each is a module with a class of the same few verbs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from provenv.errors import NotRun
from provenv.recipe import Recipe
from provenv.sandbox import Sandbox


@dataclass(frozen=True)
class Surroundings:
    """What a lane puts around a scenario before its first step."""

    interpreter: str
    """Full version of the Python that `python` starts."""
    programs: list[Path]
    """Folders of PATH, in order."""
    visible: list[Path]
    """Folders on the interpreter's `sys.path` in which distributions could already lie."""
    shown: Mapping[Path, str]
    """Folders of this machine, and what a reader sees in their place."""
    variables: Mapping[str, str] = field(default_factory=dict)
    stand_ins: list[str] = field(default_factory=list)


class Lane(Protocol):
    """A kind of environment."""

    name: str

    def enter(self, recipe: Recipe, python: str, sandbox: Sandbox, caches: Path) -> Surroundings:
        """Make ready what a scenario starts from; raises `NotRun` with the reason where that is not to be had."""
        ...


def get(name: str) -> Lane:
    """The lane of a name; raises `NotRun` for one that is not built yet."""
    from provenv.lanes.venv import VenvLane

    if name == VenvLane.name:
        return VenvLane()
    raise NotRun(f"the {name} lane is not built yet")
