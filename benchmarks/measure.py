"""What all benchmarks share: rounds of measurements taken side by side, their medians, targets, and temporary projects."""

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parent.parent
"""Folder of this project."""
PROVENV = (sys.executable, "-m", "provenv")
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


class Unusable(Exception):
    """Something that is measured or compared with cannot be run, or does not do what it should."""


class Spread(msgspec.Struct, frozen=True):
    """The median of some measurements and the quartiles around it."""

    median: float
    low: float
    high: float
    runs: int


class Target(msgspec.Struct, frozen=True):
    """A limit that a figure must not pass."""

    text: str
    value: float
    limit: float

    @property
    def met(self) -> bool:
        return self.value <= self.limit


class Figure(msgspec.Struct, frozen=True):
    """The outcome of one benchmark."""

    name: str
    title: str
    how: str
    """What the figures are, in a sentence."""
    unit: str
    provenv: Spread
    peers: dict[str, Spread]
    ratios: dict[str, float]
    """Provenv's median divided by that of each peer."""
    targets: list[Target]
    measured: date | None = None
    """Day of its own run, if that is not the day of the others'."""


def spread(values: Sequence[float]) -> Spread:
    """The median and the quartiles, to four digits."""
    quartiles = statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else [*values] * 3
    low, median, high = (float(f"{value:.4g}") for value in quartiles)
    return Spread(median, low, high, len(values))


def ratios(provenv: Spread, peers: Mapping[str, Spread]) -> dict[str, float]:
    """Provenv's median divided by that of each peer that has one above 0."""
    return {name: float(f"{provenv.median / peer.median:.3g}") for name, peer in peers.items() if peer.median > 0}


def side_by_side(contenders: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """The measurements of each contender: one of each in turn, in an order that turns from round to round, after one that does not count."""
    names = list(contenders)
    found: dict[str, list[float]] = {name: [] for name in names}
    for number in range(-1, rounds):
        shift = number % len(names)
        for name in names[shift:] + names[:shift]:
            value = contenders[name]()
            if number >= 0:
                found[name].append(value)
    return found


def run(command: Sequence[str | Path], cwd: Path, code: int = 0, caches: Path | None = None, limit: float = 120) -> tuple[float, str]:
    """Run a program that must end with exit code `code` within `limit` seconds; gives its seconds and its output, and raises `Unusable` otherwise."""
    environment = {**_environment(cwd), **({"PROVENV_CACHE": str(caches)} if caches else {})}
    begun = time.perf_counter()
    try:
        done = subprocess.run(
            command, check=False, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=limit
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unusable(f"`{_name(command)}` cannot be run: {type(error).__name__}") from None
    seconds = time.perf_counter() - begun
    if done.returncode != code:
        told = (done.stdout + done.stderr)[-2000:]
        raise Unusable(f"`{_name(command)}` ended with exit code {done.returncode}, expected {code}:\n{told}")
    return seconds, done.stdout


def _name(command: Sequence[str | Path]) -> str:
    return " ".join([Path(command[0]).name, *map(str, command[1:])])


def _environment(cwd: Path) -> dict[str, str]:
    """The variables of this process, with caches and temporary files beside the folder in which a program runs."""
    if cwd == ROOT:
        return {**os.environ, "CI": "1"}
    places = {"PROVENV_CACHE": cwd.parent / "cache", "TMPDIR": cwd.parent / "tmp"}
    for place in places.values():
        place.mkdir(exist_ok=True)
    return {**os.environ, "CI": "1", **{name: str(place) for name, place in places.items()}}


# --- temporary projects -------------------------------------------------------------------------------------------------

_FRONT_MATTER = """\
---
title: A recipe of the benchmarks
summary: Measured, not followed.
lanes: [venv]
pythons: ["{python}"]
as-of: 2026-11-01
guides: [benchmarks]
---
"""


def new_project(folder: Path) -> Path:
    """A project without recipes in a new folder."""
    (folder / "recipes").mkdir(parents=True)
    for name in ("mkdocs.yml", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    return folder


def add_recipe(project: Path, slug: str, body: str) -> None:
    """Write the README of a recipe, in a folder that may hold its files already."""
    folder = project / "recipes" / slug
    folder.mkdir(exist_ok=True)
    (folder / "README.md").write_text(_FRONT_MATTER.format(python=PYTHON) + body, "utf-8")
