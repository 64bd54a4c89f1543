"""The stand-in channel is the same bytes each time, is made of what it says, and its Python is a whole one."""

import hashlib
import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conda.conftest import FORGE, TINY, Rattler
from conftest import Index
from provenv import index as package_index
from provenv import interpreter, sandbox
from provenv.conda import cpython, package, server, stand_in
from provenv.conda.stand_in import PYTHONS, SUBDIRS
from provenv.errors import NotRun

UPLOADED = "2026-01-01T00:00:00Z"


def tree(folder: Path) -> Mapping[str, str]:
    """The files of a folder and their digests."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()
    }


def indexed(folder: Path) -> dict[str, dict[str, Any]]:
    """What the index of a channel lists, by file name."""
    return {
        name: record
        for subdir in SUBDIRS
        for name, record in json.loads((folder / subdir / "repodata.json").read_text())["packages.conda"].items()
    }


# --- bytes ------------------------------------------------------------------------------------------------------------------------


def test_the_made_up_channel_is_the_same_bytes_each_time(tmp_path: Path):
    one, two = tmp_path / "one", tmp_path / "another/two"
    for target in (one, two):
        target.mkdir(parents=True)
        stand_in.build_tiny(target)
    assert tree(one) == tree(two)
    assert len(indexed(one / TINY)) == 15
    assert sum(path.stat().st_size for path in one.rglob("*.conda")) < 30_000


def test_what_is_made_of_a_wheel_is_the_same_bytes_each_time(forge: Path, tmp_path: Path):
    """One wheel for every Python and one for a single Python, made anew, are what the machine's channel holds."""
    caches = sandbox.cache_folder()
    told = stand_in.tomllib.loads(stand_in._WHEELS.read_text())
    for start in ("pytest-", "charset_normalizer-"):
        filename = next(name for name in told if name.startswith(start))
        made = package.write(stand_in._converted(stand_in._wheel(filename, told[filename], caches)), tmp_path)
        assert indexed(forge / FORGE)[made["fn"]]["sha256"] == made["sha256"]


def test_the_python_is_the_same_bytes_each_time(forge: Path, tmp_path: Path):
    found = interpreter.find(PYTHONS[0])
    made = package.write(stand_in._python(found, tmp_path / "a longer path/stage"), tmp_path / "channel")
    assert indexed(forge / FORGE)[made["fn"]]["sha256"] == made["sha256"]


def test_the_index_of_the_channel_is_true(forge: Path):
    listed = indexed(forge / FORGE)
    assert {path.name for path in forge.rglob("*.conda")} == set(listed)
    for name, record in listed.items():
        data = (forge / FORGE / record["subdir"] / name).read_bytes()
        assert (record["size"], record["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert {"python", "pip", "setuptools", "wheel", "numpy", "scipy", "six", "pytest", "requests", "cowsay"} <= {
        record["name"] for record in listed.values()
    }


def test_the_channel_is_small(forge: Path):
    assert sum(path.stat().st_size for path in forge.rglob("*") if path.is_file()) < 200_000_000


def test_every_package_that_one_needs_is_there(forge: Path):
    listed = indexed(forge / FORGE).values()
    names = {record["name"] for record in listed}
    needed = {depend.split()[0] for record in listed for depend in record["depends"]}
    assert {name for name in needed if not name.startswith("__")} <= names


# --- when it is made --------------------------------------------------------------------------------------------------------------------


def test_the_key_follows_all_that_it_is_made_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    found = [interpreter.find(PYTHONS[0])]
    keys = {stand_in._key(found), stand_in._key([]), stand_in._key([replace(found[0], version="3.11.99")])}
    here = tmp_path / "here"
    here.mkdir()
    sources = ("wheels.toml", "package.py", "cpython.py", "stand_in.py")
    for name in sources:
        (here / name).write_text((stand_in._HERE / name).read_text())
    before = stand_in._key(found)
    monkeypatch.setattr(stand_in, "_HERE", here)
    assert stand_in._key(found) == before
    for name in sources:
        with (here / name).open("a") as file:
            file.write("# changed\n")
        keys.add(stand_in._key(found))
    assert len(keys) == 3 + len(sources)


def test_a_channel_is_made_once_and_as_a_whole(tmp_path: Path):
    target = tmp_path / "channels/key"
    calls: list[Path] = []

    def fails(made: Path) -> None:
        (made / "half").touch()
        raise NotRun("no")

    def makes(made: Path) -> None:
        calls.append(made)
        (made / "whole").touch()

    with pytest.raises(NotRun):
        stand_in._once(target, fails)
    assert [path.name for path in target.parent.iterdir()] == ["lock"]
    for _ in range(2):
        assert stand_in._once(target, makes) == target
    assert (len(calls), [path.name for path in target.iterdir()]) == (1, ["whole"])


def test_a_wheel_that_is_not_the_pinned_one_is_refused_and_not_kept(tmp_path: Path, index: Index):
    index.add("demo", "1.0", UPLOADED)
    filename = "demo-1.0-py3-none-any.whl"
    told = {"sha256": "0" * 64, "uploaded": stand_in._MADE}
    with pytest.raises(NotRun, match=re.escape(f"the index gives another {filename} than the one that is pinned (its SHA-256 differs)")):
        stand_in._wheel(filename, told, tmp_path)
    assert list(tmp_path.rglob("*")) == []


def test_a_wheel_that_was_damaged_in_the_cache_is_fetched_again(tmp_path: Path, index: Index):
    index.add("demo", "1.0", UPLOADED)
    filename = "demo-1.0-py3-none-any.whl"
    digest = hashlib.sha256(index.blobs[filename]).hexdigest()
    kept = package_index.fetch("demo", filename, digest, tmp_path)
    count = len(index.asked)
    assert package_index.fetch("demo", filename, digest, tmp_path) == kept
    assert len(index.asked) == count
    kept.write_bytes(b"damaged")
    assert package_index.fetch("demo", filename, digest, tmp_path).read_bytes() == index.blobs[filename]


def test_a_wheel_that_the_index_does_not_have_is_one_sentence(tmp_path: Path, index: Index):
    index.add("demo", "1.0", UPLOADED)
    with pytest.raises(NotRun, match=r"the index has no demo-2\.0-py3-none-any\.whl"):
        package_index.fetch("demo", "demo-2.0-py3-none-any.whl", "0" * 64, tmp_path)
    with pytest.raises(NotRun, match="cannot be fetched from the index"):
        package_index.fetch("none", "none-2.0-py3-none-any.whl", "0" * 64, tmp_path)


def test_another_system_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    with pytest.raises(NotRun, match=r"made for Linux on x86_64 only; name a channel that is reached in PROVENV_CONDA_CHANNEL"):
        stand_in.folder(tmp_path)


def test_the_python_of_the_system_is_not_taken(tmp_path: Path):
    found = interpreter.find(PYTHONS[0])
    with pytest.raises(NotRun, match=r"needs a CPython 3\.11 with a prefix of its own; get one with pyenv or uv"):
        cpython.files(replace(found, prefix=Path("/usr")), tmp_path)


@pytest.mark.parametrize("tool", ["patchelf", "strip", "ldd"])
def test_a_tool_that_is_missing_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tool: str):
    there = cpython._tool
    monkeypatch.setattr(cpython, "_tool", lambda name: None if name == tool else there(name))
    with pytest.raises(NotRun, match=f"needs `{tool}` to make a relocatable Python; install it"):
        cpython.files(interpreter.find(PYTHONS[0]), tmp_path)


# --- its Python --------------------------------------------------------------------------------------------------------------------------

WHOLE = """
import bz2, ctypes, hashlib, json, lzma, sqlite3, ssl, sys, sysconfig, uuid, venv, zlib
assert sqlite3.connect(":memory:").execute("select 1").fetchone() == (1,)
assert lzma.decompress(lzma.compress(b"x")) == b"x" == bz2.decompress(bz2.compress(b"x"))
assert ctypes.CDLL(None).abs(-2) == 2
ssl.create_default_context()
told = [sys.version, *map(str, sysconfig.get_config_vars().values()), *sysconfig.get_paths().values()]
print(json.dumps([sys.prefix, sysconfig.get_config_var("prefix"), sysconfig.get_path("include"), " ".join(told), sys.path]))
"""


@pytest.fixture(scope="session")
def python(forge: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prefix with Python, pip and NumPy of the stand-in channel."""
    folder = tmp_path_factory.mktemp("a prefix")
    addresses = {FORGE: f"{server.address(forge)}/{FORGE}"}
    rattler = Rattler(folder, {"addresses": addresses, "cache": str(sandbox.cache_folder() / "rattler")})
    rattler.good("create", "--prefix", "env", "--quiet", f"python {PYTHONS[0]}.*", "numpy", "pytest")
    return folder / "env"


def inside(prefix: Path, *arguments: str) -> str:
    """What the Python of a prefix prints, with nothing of this machine around it."""
    done = subprocess.run(
        [prefix / "bin/python", *arguments], env={"PATH": "/nowhere", "HOME": "/nowhere"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_its_python_is_a_whole_one_and_names_no_folder_that_it_came_from(python: Path):
    prefix, configured, include, told, path = json.loads(inside(python, "-c", WHOLE))
    found = interpreter.find(PYTHONS[0])
    assert prefix == configured == str(python)
    assert told.startswith(f"{found.version} ")
    assert include == f"{python}/include/python{PYTHONS[0]}"
    assert (python / f"include/python{PYTHONS[0]}/Python.h").is_file()
    assert str(found.prefix) not in told
    assert all(each.startswith(str(python)) for each in path if each)


def test_no_file_of_its_python_names_the_folder_that_it_came_from(python: Path):
    old = str(interpreter.find(PYTHONS[0]).prefix).encode()
    named = [path for path in python.rglob("*") if path.is_file() and not path.is_symlink() and old in path.read_bytes()]
    assert named == []


def test_it_takes_its_own_libraries(python: Path):
    code = "import ssl, sqlite3, lzma, ctypes; print(open('/proc/self/maps').read())"
    used = set(re.findall(r"\s(/.+\.so[.\d]*)$", inside(python, "-c", code), re.MULTILINE))
    foreign = {path for path in used if not path.startswith(f"{python}/")}
    assert {path for path in foreign if not re.search(r"/(ld-linux|libc|libm|libdl|libpthread|librt|libutil)[-.]", path)} == set()
    assert f"{python}/lib/libssl.so.3" in used


def test_it_makes_environments(python: Path, tmp_path: Path):
    inside(python, "-m", "venv", "--without-pip", str(tmp_path / "venv"))
    assert inside(tmp_path / "venv", "-c", "import sys; print(sys.prefix, sys.base_prefix)") == f"{tmp_path / 'venv'} {python}\n"


def test_packages_with_code_for_the_machine_run_and_conda_is_named_as_their_installer(python: Path):
    code = "import numpy, importlib.metadata as m; print(numpy.arange(4).sum(), m.distribution('numpy').read_text('INSTALLER').strip())"
    assert inside(python, "-c", code) == "6 conda\n"
    told = subprocess.run([python / "bin/pytest", "--version"], capture_output=True, text=True, check=True).stdout
    assert told.startswith("pytest ")
