"""What is not there although an installer says so, what takes too long, and what is left when something goes."""

import asyncio
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from conda.conftest import FORGE, Own, Rattler
from provenv.conda import audit, prefix
from provenv.conda.prefix import Source, Trouble


def record(name: str, *depends: str) -> Any:
    """A record, as far as dependencies go."""
    return SimpleNamespace(name=SimpleNamespace(normalized=name), depends=list(depends))


def names(records: list[Any]) -> list[str]:
    return [each.name.normalized for each in records]


HERE = [record("a", "b >=1", "__glibc >=2.17"), record("b", "c"), record("c"), record("d", "c <2"), record("e")]


@pytest.mark.parametrize(
    ("gone", "left"),
    [(["a"], "bcde"), (["b"], "cde"), (["c"], "e"), (["e"], "abcd"), (["a", "d"], "bce"), ([], "abcde")],
)
def test_what_needs_a_package_goes_with_it_and_nothing_else(gone: list[str], left: str):
    assert names(prefix.without(HERE, gone)) == list(left)


def test_the_name_of_a_spec_is_read():
    assert [prefix.project(spec) for spec in ("NumPy >=2", "six=1.17.0=0", "conda-forge::pip")] == ["numpy", "six", "pip"]
    with pytest.raises(Trouble, match="a spec cannot be read"):
        prefix.project("numpy =!=")


def test_a_channel_is_where_the_lane_says_and_else_where_it_usually_is():
    source = Source([FORGE], {FORGE: "http://127.0.0.1:1/conda-forge"})
    assert source.address(FORGE) == "http://127.0.0.1:1/conda-forge"
    assert source.address("https://example.invalid/mine/").rstrip("/") == "https://example.invalid/mine"
    assert Source([FORGE]).address(FORGE).rstrip("/").endswith("/conda-forge")


def test_only_a_whole_prefix_is_one(rattler: Rattler):
    env = rattler.folder / "env"
    assert not prefix.is_prefix(env)
    (env / "conda-meta").mkdir(parents=True)
    (env / "conda-meta/history").touch()
    assert not prefix.is_prefix(env)
    rattler.good("create", "--prefix", "env", "words")
    assert prefix.is_prefix(env)
    (env / audit.UNFINISHED).touch()
    assert not prefix.is_prefix(env)


# --- an installer that is not believed ------------------------------------------------------------------------------------------------


@pytest.fixture
def made(rattler: Rattler) -> Path:
    """A prefix, whose records another one is to have."""
    rattler.good("create", "--prefix", "made", "demo")
    return rattler.folder / "made"


def install(made: Path, target: Path, monkeypatch: pytest.MonkeyPatch, does: Any) -> str:
    """What is said of an install by an installer that does something else."""

    async def installer(*_: Any, **__: Any) -> None:
        does()

    monkeypatch.setattr(prefix, "rattler_install", installer)
    monkeypatch.setattr(prefix, "_client", lambda: None)
    with pytest.raises(Trouble) as trouble:
        asyncio.run(prefix.install(prefix.installed(made), target, Source([FORGE]), ["demo"]))
    return str(trouble.value)


def test_an_installer_that_does_nothing_is_not_believed(made: Path, monkeypatch: pytest.MonkeyPatch):
    target = made.parent / "env"
    told = install(made, target, monkeypatch, lambda: None)
    assert told == f"the install says that it is done, but demo-2.0-0.conda is not in {target}"
    assert not prefix.is_prefix(target)


def test_an_installer_that_leaves_a_file_out_is_not_believed(made: Path, monkeypatch: pytest.MonkeyPatch):
    target = made.parent / "env"

    def does() -> None:
        shutil.copytree(made, target, dirs_exist_ok=True)
        (target / "share/words.txt").unlink()

    told = install(made, target, monkeypatch, does)
    assert told == f"the install says that it is done, but share/words.txt of words-2.0-0.conda is not in {target}"
    assert not prefix.is_prefix(target)


def test_a_prefix_that_was_there_keeps_its_mark_when_a_change_fails(made: Path, monkeypatch: pytest.MonkeyPatch):
    target = made.parent / "env"
    shutil.copytree(made, target)
    (record_of_words,) = (target / "conda-meta").glob("words-*.json")
    record_of_words.unlink()
    assert "words-2.0-0.conda is not in" in install(made, target, monkeypatch, lambda: None)
    assert (target / audit.UNFINISHED).exists()
    assert "is half a prefix that an interrupted change left; delete it" in install(made, target, monkeypatch, lambda: None)


# --- limits ----------------------------------------------------------------------------------------------------------------------------

SLOW = """
import asyncio, os, sys
from pathlib import Path
from provenv.conda import prefix

async def main():
    source = prefix.Source([sys.argv[1]], {}, cache=Path(sys.argv[2]), timeout=float(sys.argv[3]))
    records = await prefix.solve(["slow"], source)
    try:
        await prefix.install(records, Path(sys.argv[4]), source, ["slow"])
    except prefix.Trouble as trouble:
        print(trouble, flush=True)

asyncio.run(main())
os._exit(0)
"""


def test_an_install_that_takes_too_long_is_stopped_and_leaves_nothing_whole(own: Own, tmp_path: Path):
    own.add("slow", depends=["words"])
    own.server.held.append("slow")
    target = tmp_path / "env"
    arguments = [own.address, str(tmp_path / "cache"), "2", str(target)]
    begun = datetime.now(UTC)
    done = subprocess.run([sys.executable, "-c", SLOW, *arguments], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "it took longer than the limit, and was stopped\n", done.stderr
    assert (datetime.now(UTC) - begun).total_seconds() < 20
    assert not prefix.is_prefix(target)
