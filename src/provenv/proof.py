"""A proof: the record of one scenario in one lane on one Python at one freeze date. Plain values, as they stand in the ledger's JSON."""

import platform
from datetime import date, datetime
from typing import Literal, NamedTuple

import msgspec

from provenv.recipe import Recipe

TODAY = "today"
"""Freeze date of a run in which the index is not held."""


class Key(NamedTuple):
    """What tells one proof from another."""

    recipe: str
    scenario: str
    lane: str
    python: str
    as_of: str
    """ISO date, or `today`."""

    def __str__(self) -> str:
        return f"{self.recipe}/{self.scenario} ({self.lane}, Python {self.python}, index {self.as_of})"


class CommandProof(msgspec.Struct, frozen=True):
    """One command that ran."""

    exit_code: int | None
    seconds: float


class StepProof(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step that ran; `transcript` is the SHA-256 of its scrubbed outputs."""

    id: str
    commands: list[CommandProof]
    transcript: str
    not_run: str | None = None
    """Why the step itself was not run, null if it was; `instead` tells what was run in its place."""
    instead: str | None = None


class Platform(msgspec.Struct, frozen=True):
    """The machine, as far as wheels can tell it."""

    system: str
    machine: str
    libc: str


class Package(msgspec.Struct, frozen=True):
    """One distribution that a scenario left in an environment."""

    name: str
    version: str
    local: bool = False


class CondaPackage(msgspec.Struct, frozen=True):
    """One conda package that a scenario left in an environment."""

    name: str
    version: str
    build: str


class Environment(msgspec.Struct, frozen=True, omit_defaults=True):
    """An environment at the end of a scenario; `path` begins with `~`, or is an image's name and a folder in it."""

    path: str
    packages: list[Package]
    """Distributions of Python, but for those that came as conda packages."""
    conda: list[CondaPackage] | None = None
    """The conda packages of a conda environment, null for another one."""


class Conda(msgspec.Struct, frozen=True):
    """What made the conda environments, and from where."""

    backend: str
    channel: str
    """What the recipe's `conda-forge` was."""


class Layer(msgspec.Struct, frozen=True):
    """One layer of an image, by the instruction that made it."""

    made_by: str
    bytes: int


class Image(msgspec.Struct, frozen=True):
    """An image that a scenario left."""

    name: str
    bytes: int
    user: str
    layers: list[Layer]


class Build(msgspec.Struct, frozen=True):
    """One `docker build`: how many of its steps there were, and how many came from the cache (none: a cold build)."""

    command: str
    seconds: float
    steps: int
    cached: int


class Containers(msgspec.Struct, frozen=True):
    """What the container lane measured."""

    engine: str
    builds: list[Build]
    images: list[Image]
    added: list[str]
    """What the lane added to the commands of the reader, for people."""


class Failure(msgspec.Struct, frozen=True):
    """Why a scenario failed; `line` is the place in the recipe's README, if there is one."""

    sentence: str
    step: str | None = None
    line: int | None = None
    healed_since: date | None = None
    """First day on which a failure that the recipe expects was not seen any more with the index of today; null for any other failure."""


class Proof(msgspec.Struct, frozen=True):
    """One run of one scenario: proven if `failure` is null."""

    scenario: str
    lane: str
    python: str
    as_of: str
    content: str
    """SHA-256 of the recipe at the time of the run."""
    ran_at: datetime
    seconds: float
    interpreter: str
    platform: Platform
    steps: list[StepProof]
    environments: list[Environment]
    stand_ins: list[str] = []
    containers: Containers | None = None
    conda: Conda | None = None
    failure: Failure | None = None

    @property
    def outcome(self) -> Literal["proven", "healed", "failed"]:
        """Healed is a trap that does not spring any more: an alarm of its own, and no pass."""
        if self.failure is None:
            return "proven"
        return "healed" if self.failure.healed_since else "failed"


def this_platform() -> Platform:
    """The platform of this machine."""
    name, version = platform.libc_ver()
    return Platform(platform.system(), platform.machine(), f"{name} {version}".strip())


def required(recipe: Recipe) -> list[Key]:
    """The proofs that must exist of a recipe: every scenario in every lane on every Python, at its freeze date."""
    as_of = recipe.matter.as_of.isoformat()
    return [
        Key(recipe.slug, scenario.name, lane, python, as_of)
        for scenario in recipe.scenarios
        for lane in recipe.matter.lanes
        for python in recipe.matter.pythons
    ]


def held_date(as_of: str) -> date | None:
    """The freeze date of a key, None for today."""
    return None if as_of == TODAY else date.fromisoformat(as_of)
