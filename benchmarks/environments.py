"""Making an environment from a lock, warm, by the conda lane's program beside venv with pip and beside uv; and what solving costs."""

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from measure import ROOT, Figure, Unusable, ratios, run, side_by_side, spread

from provenv import interpreter, sandbox
from provenv.conda import channel
from provenv.errors import NotRun

ROUNDS = 5
_PYTHON = "3.12"
_PACKAGES = ("numpy-2.3.5", "scipy-1.16.3")
_CHECK = "import numpy, scipy.stats; print(numpy.__version__)"
_PROGRAM = (sys.executable, "-I", "-m", "provenv.conda.program")


def measure(folder: Path) -> list[Figure]:
    """The figures of the conda lane; raises `Unusable` where its channel cannot be had."""
    folder.mkdir()
    try:
        caches = sandbox.cache_folder()
        addresses, wheels, python = channel.ready(caches).addresses, _wheels(caches), interpreter.find(_PYTHON).executable
    except NotRun as reason:
        raise Unusable(str(reason)) from None
    state = folder / "state.json"
    state.write_text(json.dumps({"addresses": addresses, "cache": str(folder / "cache")}))
    os.environ["RATTLER_CONDA_STATE"] = str(state)
    return [_from_lock(folder, wheels, python), *_solves(folder)]


def _wheels(caches: Path) -> list[Path]:
    """The wheels of which the channel's packages are made, so that all contenders install the same files."""
    found = [path for path in (caches / "files").glob("*/*.whl") if path.name.startswith(_PACKAGES) and "cp312" in path.name]
    if len(found) != len(_PACKAGES):
        raise Unusable("the wheels of the stand-in channel are not in the cache; run `provenv prove --lane conda` first")
    return found


def _from_lock(folder: Path, wheels: Sequence[Path], python: Path) -> Figure:
    """Seconds from nothing to an environment that has NumPy and SciPy."""
    wheelhouse, lock = folder / "wheels", folder / "explicit.txt"
    wheelhouse.mkdir()
    for wheel in wheels:
        shutil.copy(wheel, wheelhouse)
    specs = [f"python {_PYTHON}.*", *(package.replace("-", "==") for package in _PACKAGES)]
    run([*_PROGRAM, "create", "--prefix", folder / "first", *specs], folder)
    lock.write_text(run([*_PROGRAM, "list", "--explicit", "--prefix", folder / "first"], folder)[1])
    pinned = [package.replace("-", "==") for package in _PACKAGES]
    offline = ["--no-index", "--find-links", str(wheelhouse)]
    target = folder / "environment"
    uv = [sys.executable, "-m", "uv"]
    contenders: dict[str, Callable[[], float]] = {
        "rattler-conda": lambda: _made(target, [[*_PROGRAM, "create", "--prefix", target, "--file", lock]]),
        "venv and pip": lambda: _made(
            target, [[python, "-m", "venv", target], [target / "bin/python", "-m", "pip", "install", "-q", *offline, *pinned]]
        ),
        "uv": lambda: _made(
            target,
            [[*uv, "venv", "-q", "--python", python, target], [*uv, "pip", "install", "-q", "--python", target, *offline, *pinned]],
        ),
    }
    values = {name: spread(seconds) for name, seconds in side_by_side(contenders, ROUNDS).items()}
    own = values.pop("rattler-conda")
    return Figure(
        name="conda-lock",
        title="An environment from a lock",
        how="Seconds from nothing to an environment with Python, NumPy and SciPy, with warm caches, the same wheels and no network. The conda "
        "environment brings its own Python, the others use one that is there. Each was seen to import both.",
        unit="s",
        provenv=own,
        peers=values,
        ratios=ratios(own, values),
        targets=[],
    )


def _made(target: Path, commands: Sequence[Sequence[str | Path]]) -> float:
    shutil.rmtree(target, ignore_errors=True)
    begun = time.perf_counter()
    for command in commands:
        run(command, target.parent)
    seconds = time.perf_counter() - begun
    run([target / "bin/python", "-c", _CHECK], target.parent)
    return seconds


def _solves(folder: Path) -> list[Figure]:
    """Seconds of a solve of each conda recipe's environment file, beside the same program that solves nothing."""
    figures = []
    for file in sorted((ROOT / "recipes").glob("conda-*/environment.yml")):
        contenders: dict[str, Callable[[], float]] = {
            "solve": lambda file=file: run(  # type: ignore[misc]
                [*_PROGRAM, "create", "--dry-run", "--prefix", folder / "none", "--file", file], folder
            )[0],
            "start": lambda: run([*_PROGRAM, "--version"], folder)[0],
        }
        values = {name: spread(seconds) for name, seconds in side_by_side(contenders, ROUNDS).items()}
        peers = {"the program that solves nothing": values["start"]}
        how = "Seconds of a dry run on the stand-in channel, start-up included."
        title = f"Solving the environment of {file.parent.name}"
        figures.append(Figure(f"solve-{file.parent.name}", title, how, "s", values["solve"], peers, ratios(values["solve"], peers), []))
    return figures
