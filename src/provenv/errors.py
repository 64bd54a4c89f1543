"""The two ways in which nothing can be said: the input is bad, or what a proof needs is not on this machine."""

from pathlib import Path


class BadInput(Exception):
    """Something that a person wrote cannot be used; its text is one sentence with the place and the cure (exit code 2)."""

    def __init__(self, sentence: str, path: Path | None = None, line: int | None = None) -> None:
        self.sentence, self.path, self.line = sentence, path, line
        place = "" if path is None else f"{path}:{line}: " if line is not None else f"{path}: "
        super().__init__(place + sentence)


class NotRun(Exception):
    """A proof cannot be attempted here; its text is the reason (exit code 2, and never green)."""
