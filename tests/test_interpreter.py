"""Interpreters are found where people have them, and a recipe gets one as if nothing had ever been installed into it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import pythons
from provenv import interpreter
from provenv.errors import NotRun
from provenv.interpreter import Interpreter

BASE = interpreter.find(pythons()[0])


@pytest.fixture
def nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A machine without any Python: an empty PATH, HOME, no pyenv, no uv."""
    for name in ("PYENV_ROOT", "XDG_DATA_HOME", "UV_PYTHON_INSTALL_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "bin").mkdir()
    interpreter.find.cache_clear()
    yield tmp_path
    interpreter.find.cache_clear()


def fake(path: Path, version: str = "3.12.1", implementation: str = "cpython", base: str = "True", minor: str = "") -> Path:
    """A program that answers as an interpreter would."""
    path.parent.mkdir(parents=True, exist_ok=True)
    told = f'{{"version": "{version}", "implementation": "{implementation}", "base": {base.lower()}, "prefix": "/p", "library": ["/p/lib"], "include": "/p/i"}}'
    path.write_text(f"#!/bin/sh\necho '{told}'\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("minor", pythons())
def test_an_interpreter_of_this_machine_is_found_by_its_minor_version(minor: str):
    found = interpreter.find(minor)
    told = subprocess.run(
        [found.executable, "-c", "import platform, sys; print(platform.python_version(), sys.prefix)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == [found.version, str(found.prefix)]
    assert found.minor == minor


def test_a_missing_interpreter_is_not_run_with_the_way_to_get_one(nothing: Path):
    with pytest.raises(NotRun, match=r"no CPython 3\.12 .*uv python install 3\.12"):
        interpreter.find("3.12")


def test_it_is_found_on_the_path(nothing: Path):
    made = fake(nothing / "bin" / "python3.12")
    assert interpreter.find("3.12").executable == made


def test_it_is_found_under_pyenv_wherever_that_is(nothing: Path, monkeypatch: pytest.MonkeyPatch):
    for root in (nothing / "home" / ".pyenv", nothing / "elsewhere"):
        fake(root / "libexec" / "pyenv")
        fake(root / "versions" / "3.12.1" / "bin" / "python3.12")
    assert interpreter.find("3.12").executable.is_relative_to(nothing / "home" / ".pyenv")
    interpreter.find.cache_clear()
    monkeypatch.setenv("PYENV_ROOT", str(nothing / "elsewhere"))
    assert interpreter.find("3.12").executable.is_relative_to(nothing / "elsewhere")


@pytest.mark.parametrize("variable", [None, "XDG_DATA_HOME", "UV_PYTHON_INSTALL_DIR"])
def test_it_is_found_where_uv_installs(nothing: Path, monkeypatch: pytest.MonkeyPatch, variable: str | None):
    places = {None: "home/.local/share/uv/python", "XDG_DATA_HOME": "data/uv/python", "UV_PYTHON_INSTALL_DIR": "data"}
    made = fake(nothing / places[variable] / "cpython-3.12.1-linux-x86_64-gnu" / "bin" / "python3.12")
    if variable:
        monkeypatch.setenv(variable, str(nothing / "data"))
    assert interpreter.find("3.12").executable == made


def test_the_newest_of_several_is_taken_by_number_and_not_by_name(nothing: Path):
    for version in ("3.12.9", "3.12.10", "3.12.2"):
        fake(nothing / "home" / ".local/share/uv/python" / f"cpython-{version}-x" / "bin" / "python3.12", version)
    assert interpreter.find("3.12").version == "3.12.10"


@pytest.mark.parametrize(
    "made",
    [
        {"implementation": "pypy"},
        {"base": "False"},
        {"version": "3.11.9"},
    ],
)
def test_what_is_no_such_cpython_is_passed_over(nothing: Path, made: dict[str, str]):
    fake(nothing / "bin" / "python3.12", **made)
    with pytest.raises(NotRun):
        interpreter.find("3.12")


@pytest.mark.parametrize("text", ["#!/bin/sh\nexit 1\n", "#!/bin/sh\necho no json\n", "#!/no/such/interpreter\n", "", "\x7fELF broken"])
def test_what_cannot_be_started_is_passed_over(nothing: Path, text: str):
    path = fake(nothing / "bin" / "python3.12")
    path.write_text(text)
    (nothing / "bin" / "python3.13").mkdir()
    for minor in ("3.12", "3.13"):
        with pytest.raises(NotRun):
            interpreter.find(minor)


def test_a_shim_is_passed_over(nothing: Path, monkeypatch: pytest.MonkeyPatch):
    fake(nothing / "shims" / "python3.12")
    monkeypatch.setenv("PATH", f"{nothing / 'shims'}::{nothing / 'bin'}")
    with pytest.raises(NotRun):
        interpreter.find("3.12")


def test_an_environment_is_no_interpreter(nothing: Path, monkeypatch: pytest.MonkeyPatch):
    subprocess.run([BASE.executable, "-m", "venv", "--without-pip", nothing / "env"], check=True)
    monkeypatch.setenv("PATH", str(nothing / "env" / "bin"))
    with pytest.raises(NotRun):
        interpreter.find(BASE.minor)


# --- pristine copies ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session", params=sorted({pythons()[0], pythons()[-1]}))
def copy(request: pytest.FixtureRequest, caches: Path) -> tuple[Interpreter, Path]:
    """An interpreter and the prefix of its pristine copy."""
    found = interpreter.find(request.param)
    return found, interpreter.pristine(found, caches)


def run(copy: tuple[Interpreter, Path], code: str) -> str:
    return subprocess.run([copy[1] / "bin" / "python", "-c", code], capture_output=True, text=True, check=True, env={}).stdout.strip()


def test_a_copy_is_the_same_version_at_its_own_prefix(copy: tuple[Interpreter, Path]):
    assert run(copy, "import platform, sys; print(platform.python_version(), sys.prefix)") == f"{copy[0].version} {copy[1]}"
    assert {path.name for path in (copy[1] / "bin").iterdir()} == {"python", "python3", f"python{copy[0].minor}"}


def test_nothing_is_installed_in_a_copy(copy: tuple[Interpreter, Path]):
    code = "from importlib.metadata import distributions; print([each.name for each in distributions()])"
    assert run(copy, code) == "[]"
    assert run(copy, "import importlib.util; print(importlib.util.find_spec('pip'))") == "None"


def test_a_copy_can_do_what_the_interpreter_can(copy: tuple[Interpreter, Path]):
    code = "import ssl, sqlite3, ctypes, zlib, json, venv, ensurepip, sysconfig, os; print(os.path.exists(sysconfig.get_path('include') + '/Python.h'))"
    assert run(copy, code) == "True"


def test_environments_of_a_copy_work_and_know_no_other_prefix(copy: tuple[Interpreter, Path], tmp_path: Path):
    subprocess.run([copy[1] / "bin" / "python", "-m", "venv", "--without-pip", tmp_path / "env"], check=True, env={})
    told = subprocess.run(
        [tmp_path / "env/bin/python", "-c", "import sys; print(sys.base_prefix, *sys.path)"],
        capture_output=True,
        text=True,
        check=True,
        env={},
    ).stdout
    assert str(copy[1]) in told
    assert str(copy[0].prefix) + os.sep not in told.replace(str(copy[1]), "")


def test_a_copy_is_made_once(copy: tuple[Interpreter, Path], caches: Path):
    marker = copy[1] / "lib"
    before = marker.stat().st_ctime_ns
    assert interpreter.pristine(copy[0], caches) == copy[1]
    assert marker.stat().st_ctime_ns == before


def test_what_runs_in_a_copy_writes_nothing_into_the_original(copy: tuple[Interpreter, Path]):
    library = copy[0].libraries[0] / "json"
    before = sorted((path, path.stat().st_mtime_ns) for path in library.rglob("*"))
    subprocess.run(
        [copy[1] / "bin" / "python", "-m", "compileall", "-qf", copy[1] / "lib" / f"python{copy[0].minor}" / "json"], check=True, env={}
    )
    assert sorted((path, path.stat().st_mtime_ns) for path in library.rglob("*")) == before


def test_two_that_make_a_copy_at_once_get_the_same_whole_one(tmp_path: Path):
    code = f"from pathlib import Path; from provenv import interpreter as i; print(i.pristine(i.find({BASE.minor!r}), Path({str(tmp_path)!r})))"
    both = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    prefixes = {each.communicate()[0].strip() for each in both}
    assert [each.returncode for each in both] == [0, 0]
    (prefix,) = prefixes
    assert run((BASE, Path(prefix)), "import json; print('whole')") == "whole"
    assert [path.name for path in (tmp_path / "interpreters").iterdir()] == [Path(prefix).name]
