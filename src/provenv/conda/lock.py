"""Locks the environment files of a project with conda-lock, by this machine's conda or by `rattler-conda` in its place.

A lock holds the addresses of its packages, so it is made where it is used and never committed from a stand-in channel.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import yaml

from provenv import project, sandbox
from provenv.conda import channel, program, stand_in
from provenv.errors import BadInput, NotRun
from provenv.lanes import conda
from provenv.project import Project

PLATFORMS = ("linux-64", "linux-aarch64", "osx-arm64", "win-64")
"""What is locked where conda-forge is reached; a stand-in channel has linux-64 only."""


def environment_files(here: Project) -> list[Path]:
    """The environment files of a project: its own, and those of its recipes in the conda lane."""
    own = [path for path in [here.root / "environment.yml"] if path.is_file()]
    return own + sorted(path for each in here.recipes if "conda" in each.matter.lanes for path in each.folder.glob("environment.yml"))


def lock(file: Path, target: Path, conda_lock: Path, caches: Path) -> int:
    """Lock one environment file; gives the number of locked packages. Raises `NotRun` with what conda-lock said if it cannot be locked."""
    channels, backend = channel.ready(caches), conda.find()
    stands_in = stand_in.FORGE in channels.addresses
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="lock-") as name:
        folder = Path(name)
        (folder / "state.json").write_text(json.dumps({"addresses": channels.addresses, "cache": str(caches / "rattler")}))
        platforms = PLATFORMS[:1] if stands_in else PLATFORMS
        command: list[str | Path] = [conda_lock, "lock", "--conda", backend.program or _rattler_conda(folder), "--file", file]
        command += ["--lockfile", target, *(part for each in platforms for part in ("--platform", each))]
        command += _this_libc(folder) if stands_in else []
        environment = {**os.environ, program.STATE: str(folder / "state.json")}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode or not target.is_file():
        raise NotRun(f"{file.parent.name}/{file.name} cannot be locked: {_first_line(done.stderr)}")
    return len(yaml.safe_load(target.read_text())["package"])


def _rattler_conda(folder: Path) -> Path:
    """The program that stands in for conda, as a file that conda-lock can start."""
    path = folder / program.NAME
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -m provenv.conda.program "$@"\n')
    path.chmod(0o755)
    return path


def _this_libc(folder: Path) -> list[str | Path]:
    """What tells conda-lock that the target has this machine's C library, which the Python of the stand-in channel needs."""
    packages = {"__unix": "0", "__linux": "5.10", "__glibc": platform.libc_ver()[1]}
    path = folder / "virtual-packages.yml"
    path.write_text(yaml.safe_dump({"subdirs": {PLATFORMS[0]: {"packages": packages}}}))
    return ["--virtual-package-spec", path]


def _first_line(text: str) -> str:
    """What a program said first that is neither progress nor a traceback."""
    lines = [
        line for line in text.splitlines() if line.strip() and not line.startswith(("INFO", "Locking", "Could not lock", " ", "Trace"))
    ]
    return lines[0] if lines else "no message"


def main(arguments: Sequence[str]) -> int:
    """Lock all environment files of the project in hand with the conda-lock that is named; gives the exit code."""
    try:
        here = project.find(Path.cwd())
        for file in environment_files(here):
            target = here.root / ".provenv" / "locks" / f"{file.parent.name}-{file.stem}.yml"
            count = lock(file, target, Path(arguments[0]), sandbox.cache_folder())
            print(f"{file.relative_to(here.root)}: {count} packages")
    except (BadInput, NotRun) as error:
        print(f"provenv: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
