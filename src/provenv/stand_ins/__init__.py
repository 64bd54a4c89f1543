"""Stand-ins for base images: built from Debian's packages where no registry is reached, under names that are never an image's own.

`debian:*` comes from mmdebstrap, the others from the Dockerfiles beside this file, on top of it. The settings are those of the official images.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from provenv.engine import Engine
from provenv.errors import NotRun

LABEL = "dev.provenv.stand-in"
"""Label of every stand-in: the hash of all that it is made from."""
PREFIX = "provenv-stand-in/"
_HERE = Path(__file__).parent
_SUITES = {"12": "bookworm", "13": "trixie", "bookworm": "bookworm", "trixie": "trixie", "stable": "trixie", "sid": "sid"}
_SUITE_OF_PYTHON = {"3.11": "bookworm", "3.13": "trixie", "3.14": "sid"}
"""Debian's suites by the Python that they carry."""
_TIMEOUT = 900.0


@dataclass(frozen=True)
class StandIn:
    """How one image is stood in for."""

    name: str
    """The image's own name."""
    said: str
    """What it is made from, for people."""
    script: str
    """Name of the file beside this one that makes it."""
    below: "StandIn | None" = None
    values: Mapping[str, str] = field(default_factory=dict)
    """Build arguments."""

    @property
    def image(self) -> str:
        """The name that the stand-in has on the engine."""
        return PREFIX + self.name.replace("@", "-").replace("sha256:", "")

    @cached_property
    def content(self) -> str:
        """Hash of all that it is made from."""
        below = self.below.content if self.below else ""
        told = "\0".join([self.name, self.script, (_HERE / self.script).read_text("utf-8"), repr(sorted(self.values.items())), below])
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    @property
    def root(self) -> "StandIn":
        """The Debian at the bottom."""
        return self.below.root if self.below else self

    @property
    def sentence(self) -> str:
        """What a page says of it."""
        return f"{self.name}: {self.said}"


def of(image: str) -> StandIn | None:
    """The stand-in for an image of this name, if there is one."""
    name = image.partition("@")[0].removeprefix("docker.io/").removeprefix("library/")
    if match := re.fullmatch(r"debian:(\w+)(-slim)?", name):
        return _debian(name, match[1]) if match[1] in _SUITES else None
    if match := re.fullmatch(r"python:(3\.\d+)(?:\.\d+)?(-slim)?(-bookworm|-trixie)?", name):
        return _python(name, match[1])
    if match := re.fullmatch(r"nvidia/cuda:(\d+\.\d+)\.\d+(?:-cudnn)?-(base|runtime|devel)-\w+[.\d]*", name):
        return _cuda(name, match[1], match[2])
    if match := re.fullmatch(r"(?:ghcr\.io/)?astral(?:-sh)?/uv:(\d+\.\d+\.\d+)", name):
        return StandIn(
            name, f"the programs of PyPI's uv {match[1]}", "uv.Dockerfile", _python("python:3.13-slim", "3.13"), {"UV": match[1]}
        )
    return None


def _debian(name: str, suite: str) -> StandIn:
    code = _SUITES[suite]
    return StandIn(name, f"Debian {code}, made with mmdebstrap", "debian.sh", values={"SUITE": code})


def _python(name: str, minor: str) -> StandIn | None:
    suite = _SUITE_OF_PYTHON.get(minor)
    if suite is None:
        return None
    said = f"Debian {suite} with its own CPython {minor}, laid out under /usr/local as in the official image"
    return StandIn(name, said, "python.Dockerfile", _debian(f"debian:{suite}-slim", suite), {"PYTHON": minor})


def _cuda(name: str, version: str, kind: str) -> StandIn:
    linker = "" if kind == "base" else "and the linker "
    said = f"the file layout and environment of CUDA {version} ({kind}) on Debian bookworm, with the runtime library {linker}of PyPI alone; no driver, no GPU"
    return StandIn(name, said, "cuda.Dockerfile", _python("python:3.11-slim", "3.11"), {"CUDA": version, "KIND": kind})


# --- making -------------------------------------------------------------------------------------------------------------


def make(wanted: StandIn, engine: Engine, caches: Path, conditions: Path) -> None:
    """Make a stand-in on the engine unless it is there; `conditions` is a folder with the files that pip needs on this machine.

    Raises `NotRun` if it cannot be made.
    """
    if engine.label_of(wanted.image, LABEL) == wanted.content:
        return
    locks = caches / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    with (locks / "stand-ins").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        _make(wanted, engine, caches, conditions)
    engine.call("image", "prune", "--force", "--filter", f"label={LABEL}")


def _make(wanted: StandIn, engine: Engine, caches: Path, conditions: Path) -> None:
    if engine.label_of(wanted.image, LABEL) == wanted.content:
        return
    if wanted.below is None:
        _import(wanted, engine, caches)
        return
    _make(wanted.below, engine, caches, conditions)
    arguments = [part for name, value in wanted.values.items() for part in ("--build-arg", f"{name}={value}")]
    contexts = (f"conditions={conditions}", f"below=docker-image://{wanted.below.image}", f"root=docker-image://{wanted.root.image}")
    arguments += [part for context in contexts for part in ("--build-context", context)]
    named = ("--quiet", "--tag", wanted.image, "--label", f"{LABEL}={wanted.content}", "--file", str(_HERE / wanted.script))
    _run(wanted, [str(engine.program), "build", *named, *arguments, str(_HERE)], engine.variables)


def _import(wanted: StandIn, engine: Engine, caches: Path) -> None:
    """Make the root of a Debian, or take the one that was made before, and import it."""
    if shutil.which("mmdebstrap") is None:
        raise NotRun(f"{wanted.name} is not to be had here, and its stand-in needs mmdebstrap; `apt install mmdebstrap`")
    archive = caches / "stand-ins" / f"{wanted.content}.tar"
    if not archive.exists():
        archive.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=archive.parent, prefix=".new-") as folder:
            made = Path(folder, archive.name)
            _run(wanted, ["bash", str(_HERE / wanted.script), str(made)], wanted.values)
            os.replace(made, archive)
    changes = [f"LABEL {LABEL}={wanted.content}", 'CMD ["bash"]', "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
    options = [part for change in changes for part in ("--change", change)]
    _run(wanted, [str(engine.program), "import", *options, str(archive), wanted.image], engine.variables)


def _run(wanted: StandIn, command: list[str], values: Mapping[str, str] | None = None) -> None:
    try:
        done = subprocess.run(command, env={**os.environ, **(values or {})}, capture_output=True, text=True, timeout=_TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        raise NotRun(f"the stand-in for {wanted.name} was not made within {_TIMEOUT:g} seconds") from None
    if done.returncode:
        last = (done.stderr.strip() or "no message").split("\n")[-1]
        raise NotRun(f"the stand-in for {wanted.name} could not be made: {last}")
