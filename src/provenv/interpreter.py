"""CPython interpreters of this machine, and pristine copies of them: the interpreter without anything installed into it.

A recipe starts where a reader starts, with Python and nothing else; what happens to lie in this machine's site-packages must not help.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from provenv.errors import NotRun

_PROBE = """
import json, platform, sys, sysconfig
paths = sysconfig.get_paths()
print(json.dumps({
    "version": platform.python_version(), "implementation": sys.implementation.name, "base": sys.prefix == sys.base_prefix,
    "prefix": sys.base_prefix, "library": [paths["stdlib"], paths["platstdlib"]], "include": paths["include"],
}))
"""
_NOT_ITS_OWN = {"site-packages", "dist-packages", "__pycache__"}


@dataclass(frozen=True)
class Interpreter:
    """A CPython that can be started."""

    version: str
    """Full version, such as `3.13.0`."""
    executable: Path
    prefix: Path
    libraries: tuple[Path, ...]
    include: Path

    @property
    def minor(self) -> str:
        return ".".join(self.version.split(".")[:2])


@cache
def find(minor: str) -> Interpreter:
    """The newest CPython of a minor version (`3.13`) on PATH, under pyenv or installed by uv; raises `NotRun` if there is none."""
    found = [interpreter for path in _candidates(minor) if (interpreter := _probe(path)) and interpreter.minor == minor]
    if not found:
        raise NotRun(f"no CPython {minor} on PATH, under pyenv or installed by uv; get one with `uv python install {minor}`")
    return max(found, key=lambda interpreter: [int(number) for number in re.findall(r"\d+", interpreter.version)[:3]])


def pyenv_root() -> Path | None:
    """The folder of the machine's pyenv, if it has one."""
    command = shutil.which("pyenv")
    places = [os.environ.get("PYENV_ROOT"), command and Path(command).resolve().parent.parent, Path.home() / ".pyenv"]
    return next((Path(place) for place in places if place and (Path(place) / "libexec" / "pyenv").is_file()), None)


def _candidates(minor: str) -> Iterator[Path]:
    name = f"python{minor}"
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        if folder and Path(folder).name != "shims":
            yield Path(folder) / name
    root = pyenv_root()
    if root:
        yield from sorted((root / "versions").glob(f"{minor}.*/bin/{name}"))
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    installed = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv" / "python")
    yield from sorted(installed.glob(f"cpython-{minor}.*/bin/{name}"))


def _probe(path: Path) -> Interpreter | None:
    if not os.access(path, os.X_OK):
        return None
    try:
        run = subprocess.run([path, "-I", "-c", _PROBE], capture_output=True, text=True, timeout=20, check=True)
        told = json.loads(run.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    if told["implementation"] != "cpython" or not told["base"]:
        return None
    libraries = tuple(dict.fromkeys(Path(library) for library in told["library"]))
    return Interpreter(told["version"], path.resolve(), Path(told["prefix"]), libraries, Path(told["include"]))


def pristine(interpreter: Interpreter, cache_folder: Path) -> Path:
    """Prefix of a copy of the interpreter with an empty site-packages; made once and kept in `cache_folder`.

    The copy's files are links, so that nothing is written into the original; its executable is a real file, by which CPython finds its prefix.
    """
    if sys.platform == "darwin" and ".framework" in str(interpreter.prefix):
        return interpreter.prefix
    state = interpreter.executable.stat()
    key = sha256(f"{interpreter.executable}:{state.st_mtime_ns}:{state.st_size}".encode()).hexdigest()[:12]
    target = cache_folder / "interpreters" / f"{interpreter.version}-{key}"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=target.parent, prefix=".new-"))
        _copy(interpreter, made)
        try:
            made.rename(target)
        except OSError:
            shutil.rmtree(made)
    return target


def _copy(interpreter: Interpreter, target: Path) -> None:
    programs = target / "bin"
    programs.mkdir(parents=True)
    own = f"python{interpreter.minor}"
    shutil.copy2(interpreter.executable, programs / own)
    for name in ("python3", "python"):
        (programs / name).symlink_to(own)
    for library in interpreter.libraries:
        _link_tree(library, target / library.relative_to(interpreter.prefix))
    (target / interpreter.libraries[0].relative_to(interpreter.prefix) / "site-packages").mkdir(exist_ok=True)
    for shared in (interpreter.prefix / "lib").glob("libpython3*.so*"):
        (target / "lib" / shared.name).symlink_to(shared)
    if interpreter.include.is_dir():
        place = target / interpreter.include.relative_to(interpreter.prefix)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(interpreter.include)


def _link_tree(source: Path, target: Path) -> None:
    for parent, folders, names in os.walk(source):
        inside = Path(parent).relative_to(source)
        folders[:] = [name for name in folders if name not in _NOT_ITS_OWN]
        (target / inside).mkdir(parents=True, exist_ok=True)
        for name in names:
            link = target / inside / name
            if not link.exists():
                link.symlink_to(Path(parent) / name)
