"""Lanes: the kinds of environment in which steps run. Each is a module with a class of the same few verbs."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from provenv.proof import Conda, Containers, Environment, Key
from provenv.recipe import Recipe, Step
from provenv.sandbox import Sandbox

ONE_OF_A_RECIPE = ("container",)
"""Lanes in which scenarios of one recipe would get into each other's way, and so run one after the other."""


@dataclass(frozen=True)
class Observed:
    """What a lane saw at the end of a scenario, beside the virtual environments of the sandbox."""

    interpreter: str | None = None
    environments: list[Environment] = field(default_factory=list)
    stand_ins: list[str] = field(default_factory=list)
    containers: Containers | None = None
    conda: Conda | None = None
    hole: str = ""
    """Why what was left proves nothing although each step went as expected, empty if it does."""


@dataclass(frozen=True)
class InPlace:
    """What is run in the place of a step."""

    command: str
    """Empty if there is nothing to run."""
    reason: str
    """Why the step itself is not run."""


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
    prelude: str = ""
    """What the shell runs before the first step, as the start-up files of a reader's shell would."""
    in_place: Callable[[Step], InPlace | None] = lambda step: None
    """What is run in the place of a step that cannot be run itself; None if it can."""
    observe: Callable[[Callable[[str], str]], Observed] = lambda scrub: Observed()
    """Looks at what the scenario left, before it is removed, and tells it scrubbed; raises `NotRun` if what the lane rests on went away in the middle."""


class Lane(Protocol):
    """A kind of environment."""

    name: str

    def enter(self, recipe: Recipe, key: Key, sandbox: Sandbox, caches: Path) -> AbstractContextManager[Surroundings]:
        """Make ready what a scenario starts from, and clear it away at the end; raises `NotRun` where it is not to be had."""
        ...


def get(name: str) -> Lane:
    """The lane of a name."""
    from provenv.lanes.conda import CondaLane
    from provenv.lanes.container import ContainerLane
    from provenv.lanes.venv import VenvLane

    built: dict[str, Callable[[], Lane]] = {lane.name: lane for lane in (VenvLane, CondaLane, ContainerLane)}
    return built[name]()


def forget(sandbox: Path) -> None:
    """Remove what a run that was killed left outside of its sandbox."""
    from provenv.lanes.container import remove_left

    remove_left(sandbox)
