"""The stand-in channel: conda packages made from an interpreter of this machine and wheels of PyPI, the same bytes each time.

Beside it stands the channel `tiny`, of made-up packages of one kilobyte whose metadata alone matter: conflicts, constraints, CPU and CUDA builds.
"""

import configparser
import fcntl
import os
import platform
import shutil
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesHeaderParser
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import parse_wheel_filename

from provenv import index, interpreter
from provenv.conda import cpython, package
from provenv.conda.package import PLACEHOLDER, Content, Package
from provenv.errors import NotRun
from provenv.interpreter import Interpreter

FORGE = "conda-forge"
TINY = "tiny"
SUBDIRS = ("linux-64", "noarch")
PYTHONS = ("3.11", "3.12")
"""The newest two of which both kinds of NumPy, 1 and 2, have wheels."""
_HERE = Path(__file__).parent
_WHEELS = _HERE / "wheels.toml"
_MADE = datetime(2026, 1, 1, tzinfo=UTC)
"""Time at which a package that no index dates counts as released."""


SAID = f"stand-in channel: made from this machine's CPython {' and '.join(PYTHONS)} and wheels of PyPI"
"""What a page says of it."""
SAID_OF_TINY = "channel `tiny`: made-up packages of one kilobyte"


def tiny(caches: Path) -> Path:
    """The folder with the channel of made-up packages."""
    return _once(caches / "channels" / f"tiny-{_key([])}", build_tiny)


def folder(caches: Path) -> Path:
    """The folder with the channel, made unless it is there; raises `NotRun` if it cannot be made on this machine."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise NotRun("the stand-in channel is made for Linux on x86_64 only; name a channel that is reached in PROVENV_CONDA_CHANNEL")
    found = [interpreter.find(minor) for minor in PYTHONS]
    return _once(caches / "channels" / _key(found), lambda made: build(made, found, caches))


def _once(target: Path, make: Callable[[Path], None]) -> Path:
    """A folder that is made once, as a whole, whoever comes first."""
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            made = Path(tempfile.mkdtemp(dir=target.parent, prefix=".new-"))
            try:
                make(made)
                made.rename(target)
            finally:
                shutil.rmtree(made, ignore_errors=True)
    return target


def _key(found: Sequence[Interpreter]) -> str:
    """Hash of all that the channels are made from."""
    sources = [(_HERE / name).read_text("utf-8") for name in ("wheels.toml", "package.py", "cpython.py", "stand_in.py")]
    pythons = [(str(each.executable), each.version, each.executable.stat().st_mtime_ns) for each in found]
    return sha256(repr((sources, pythons, platform.libc_ver())).encode()).hexdigest()[:16]


def build(target: Path, pythons: Sequence[Interpreter], caches: Path) -> None:
    """Write the channel into a folder."""
    with tempfile.TemporaryDirectory(prefix="stage-") as stage, ThreadPoolExecutor(os.cpu_count()) as pool:
        wheels = list(pool.map(lambda each: _wheel(each[0], each[1], caches), tomllib.loads(_WHEELS.read_text("utf-8")).items()))
        jobs = [partial(_python, each, Path(stage, each.minor)) for each in pythons] + [partial(_converted, each) for each in wheels]
        records = list(pool.map(lambda job: package.write(job(), target / FORGE), jobs))
    package.write_index(target / FORGE, records, SUBDIRS)


def build_tiny(target: Path) -> None:
    """Write the channel of made-up packages into a folder."""
    package.write_index(target / TINY, [package.write(each, target / TINY) for each in _tiny()], SUBDIRS)


def _python(found: Interpreter, stage: Path) -> Package:
    libc = platform.libc_ver()[1]
    about = {"summary": f"CPython {found.version} as it is on the machine that made this channel"}
    depends = [f"__glibc >={libc}"]
    return Package("python", found.version, "0_cpython", "linux-64", _MADE, cpython.files(found, stage), depends, about=about)


# --- wheels ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Wheel:
    path: Path
    uploaded: datetime
    name: str
    version: str
    python: str
    """Minor version of the CPython that it is built for, empty if it is pure."""
    metadata: Message
    info: str
    """Name of its metadata folder."""


def _wheel(filename: str, told: Mapping[str, Any], caches: Path) -> _Wheel:
    name, version, _, tags = parse_wheel_filename(filename)
    path = index.fetch(name, filename, told["sha256"], caches)
    tag = sorted(each.interpreter for each in tags)[-1]
    info = f"{filename.split('-', maxsplit=1)[0]}-{version}.dist-info"
    with zipfile.ZipFile(path) as archive:
        metadata = BytesHeaderParser().parsebytes(archive.read(f"{info}/METADATA"))
    minor = f"3.{tag[3:]}" if tag.startswith("cp") else ""
    return _Wheel(path, told["uploaded"], name, str(version), minor, metadata, info)


def _converted(wheel: _Wheel) -> Package:
    """The conda package of a wheel."""
    common = partial(
        Package,
        name=wheel.name,
        version=wheel.version,
        released=wheel.uploaded,
        licence=str(wheel.metadata["License-Expression"] or ""),
        about={"summary": str(wheel.metadata["Summary"] or "")},
    )
    if not wheel.python:
        files = dict(_of_wheel(wheel, "site-packages"))
        needs = [_python_spec(wheel), *_needs(wheel, "3.11")]
        return common(build="pyh0_0", subdir="noarch", files=files, depends=needs, noarch="python", entry_points=list(_scripts(wheel)))
    major, minor = wheel.python.split(".")
    files = dict(_of_wheel(wheel, f"lib/python{wheel.python}/site-packages"))
    files |= {f"bin/{entry.partition(' = ')[0]}": _script(entry, wheel.python) for entry in _scripts(wheel)}
    needs = [f"python >={wheel.python},<{major}.{int(minor) + 1}.0a0", "__glibc >=2.28", *_needs(wheel, wheel.python)]
    return common(build=f"py{major}{minor}_0", subdir="linux-64", files=files, depends=needs)


def _of_wheel(wheel: _Wheel, place: str) -> Iterator[tuple[str, Content]]:
    with zipfile.ZipFile(wheel.path) as archive:
        for member in archive.infolist():
            data = f"{wheel.info.removesuffix('.dist-info')}.data/"
            if member.is_dir() or member.filename.startswith(data):
                continue
            executable = bool(member.external_attr >> 16 & 0o100)
            added = f"{wheel.info}/INSTALLER,,\n".encode() if member.filename == f"{wheel.info}/RECORD" else b""
            yield f"{place}/{member.filename}", Content(archive.read(member) + added, executable)
    yield f"{place}/{wheel.info}/INSTALLER", Content(b"conda\n")


def _python_spec(wheel: _Wheel) -> str:
    return f"python {str(wheel.metadata['Requires-Python'] or '').replace(' ', '') or '>=3.8'}"


def _needs(wheel: _Wheel, python: str) -> Iterator[str]:
    """The requirements of a wheel that hold here, as conda writes them."""
    environment: dict[str, Any] = {**default_environment(), "python_version": python, "python_full_version": f"{python}.0", "extra": ""}
    for line in wheel.metadata.get_all("Requires-Dist") or []:
        needed = Requirement(line)
        if needed.marker is None or needed.marker.evaluate(environment):
            yield f"{needed.name.lower().replace('_', '-')} {str(needed.specifier).replace(' ', '')}".strip()


def _scripts(wheel: _Wheel) -> Iterator[str]:
    """Console scripts, as `name = module:function`."""
    with zipfile.ZipFile(wheel.path) as archive:
        name = f"{wheel.info}/entry_points.txt"
        text = archive.read(name).decode() if name in archive.namelist() else ""
    told = configparser.RawConfigParser(delimiters=("=",))
    told.optionxform = str  # type: ignore[assignment, method-assign]  # names keep their capitals
    told.read_string(text)
    if told.has_section("console_scripts"):
        yield from (f"{script} = {target}" for script, target in told.items("console_scripts"))


def _script(entry: str, python: str) -> Content:
    module, _, function = entry.partition(" = ")[2].partition(":")
    text = f"#!{PLACEHOLDER}/bin/python{python}\nimport sys\n\nfrom {module} import {function}\n\nsys.exit({function}())\n"
    return Content(text.encode(), executable=True)


# --- made-up packages -----------------------------------------------------------------------------------------------------


def _tiny() -> Iterator[Package]:
    """The made-up packages. Each is a Python module that says what it is."""
    gpu = {"cpu": ("", 0), "cuda118": ("__cuda >=11.8", 200), "cuda126": ("__cuda >=12.6", 300), "cuda130": ("__cuda >=13.0", 400)}
    for build, (needs, number) in gpu.items():
        yield _made_up("tinygpu", "1.0", [needs] if needs else [], f"{build}_{number}", number, text=f'BUILD = "{build}"\n')
    for version in ("1.0", "2.0"):
        yield _made_up("libfoo", version)
    yield _made_up("app-a", "1.0", ["libfoo <2"])
    yield _made_up("app-b", "0.9", ["libfoo"])
    yield _made_up("app-b", "1.0", ["libfoo >=2"])
    yield _made_up("app-c", "1.0", constrains=["libfoo <2"])
    yield _made_up("newlibc", "0.9", ["__glibc >=2.17"])
    yield _made_up("newlibc", "1.0", ["__glibc >=2.99"])
    for name in ("clash-one", "clash-two"):
        yield _made_up(name, "1.0", module="clash", text=f'OWNER = "{name}"\n')
    yield _made_up("six", "9.9.9")


def _made_up(  # noqa: PLR0917 (a table of packages reads best without names)
    name: str,
    version: str,
    depends: Sequence[str] = (),
    build: str = "0",
    number: int = 0,
    module: str = "",
    text: str = "",
    constrains: Sequence[str] = (),
) -> Package:
    files = {f"site-packages/{module or name.replace('-', '_')}.py": Content((text or f'__version__ = "{version}"\n').encode())}
    about = {"summary": "Made up: its metadata alone matter"}
    return Package(
        name,
        version,
        build,
        "noarch",
        _MADE,
        files,
        ["python >=3.8", *depends],
        list(constrains),
        number=number,
        noarch="python",
        about=about,
    )
