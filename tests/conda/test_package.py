"""A conda package is the same bytes for the same content, and an installer finds in it what its index says."""

import hashlib
import json
import os
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from conda.conftest import FORGE, RELEASED, Own, Rattler
from provenv.conda import audit, package
from provenv.conda.package import PLACEHOLDER, Content, Package

SCRIPT = Content(b"#!/bin/sh\necho hello\n", executable=True)
DEMO = Package(
    "demo",
    "1.0",
    "h0_1",
    "linux-64",
    RELEASED,
    {"bin/demo": SCRIPT, "bin/link": Content(link="demo"), "share/where.txt": Content(f"{PLACEHOLDER}/share\n".encode())},
    ["words >=2"],
    ["other <1"],
    number=1,
    licence="MIT",
    about={"summary": "A demo"},
)


def written(folder: Path, made: Package = DEMO) -> bytes:
    record = package.write(made, folder)
    return (folder / made.subdir / record["fn"]).read_bytes()


# --- bytes ------------------------------------------------------------------------------------------------------------------------


def test_the_same_content_gives_the_same_bytes_in_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    one = written(tmp_path / "one")
    monkeypatch.setattr("time.time", lambda: 1.0)
    backwards = replace(DEMO, files=dict(reversed(list(DEMO.files.items()))))
    assert written(tmp_path / "a longer path/two", backwards) == one


def test_bytes_of_a_file_and_the_file_are_the_same(tmp_path: Path):
    (tmp_path / "script").write_bytes(SCRIPT.read())
    other = replace(DEMO, files={**DEMO.files, "bin/demo": Content(tmp_path / "script", executable=True)})
    assert written(tmp_path / "one") == written(tmp_path / "two", other)


@pytest.mark.parametrize(
    "changes",
    [
        {"files": {**DEMO.files, "bin/demo": Content(b"#!/bin/sh\necho hullo\n", executable=True)}},
        {"files": {**DEMO.files, "bin/demo": Content(SCRIPT.data)}},
        {"files": {**DEMO.files, "bin/link": Content(link="other")}},
        {"files": {**DEMO.files, "more": Content(b"")}},
        {"depends": ["words >=3"]},
        {"constrains": []},
        {"number": 2},
        {"licence": "BSD"},
        {"released": RELEASED + timedelta(seconds=1)},
    ],
    ids=str,
)
def test_another_content_gives_another_digest(tmp_path: Path, changes: dict[str, Any]):
    one, two = package.write(DEMO, tmp_path / "one"), package.write(replace(DEMO, **changes), tmp_path / "two")
    assert one["sha256"] != two["sha256"]


def test_nothing_in_it_tells_of_the_folder_or_the_day(tmp_path: Path):
    data = written(tmp_path)
    assert str(tmp_path).encode() not in data
    record = package.write(DEMO, tmp_path)
    assert record["timestamp"] == int(RELEASED.timestamp() * 1000)


# --- the index ---------------------------------------------------------------------------------------------------------------------


def test_the_index_lists_sizes_and_digests_that_are_true(tmp_path: Path):
    noarch = replace(DEMO, name="pure", subdir="noarch", noarch="generic")
    package.write_index(tmp_path, [package.write(each, tmp_path) for each in (DEMO, noarch)], ("linux-64", "noarch"))
    for subdir, name in (("linux-64", "demo"), ("noarch", "pure")):
        told = json.loads((tmp_path / subdir / "repodata.json").read_text())
        ((filename, record),) = told["packages.conda"].items()
        data = (tmp_path / subdir / filename).read_bytes()
        assert (filename, record["subdir"], told["info"]) == (f"{name}-1.0-h0_1.conda", subdir, {"subdir": subdir})
        assert record["size"] == len(data)
        assert record["sha256"] == hashlib.sha256(data).hexdigest()
        assert record["md5"] == hashlib.md5(data, usedforsecurity=False).hexdigest()
        assert (record["depends"], record["constrains"], record["build_number"]) == (["words >=2"], ["other <1"], 1)


def test_a_channel_has_an_index_of_each_platform_also_of_an_empty_one(tmp_path: Path):
    package.write_index(tmp_path, [], ("linux-64", "noarch"))
    for subdir in ("linux-64", "noarch"):
        assert json.loads((tmp_path / subdir / "repodata.json").read_text())["packages.conda"] == {}


def test_the_date_of_release_is_told_in_utc(tmp_path: Path):
    zone = replace(DEMO, released=datetime.fromisoformat("2026-01-01T02:00:00+02:00"))
    assert written(tmp_path / "one", zone) == written(tmp_path / "two", replace(DEMO, released=datetime(2026, 1, 1, tzinfo=UTC)))


# --- what an installer makes of it -------------------------------------------------------------------------------------------------------


def test_an_installer_writes_the_real_prefix_keeps_links_and_what_may_be_executed(rattler: Rattler, own: Own):
    uses = Content(f"#!{PLACEHOLDER}/bin/sh-of-mine\necho {PLACEHOLDER}\n".encode(), executable=True)
    files = {**DEMO.files, "bin/sh-of-mine": Content(link="/bin/sh"), "bin/uses": uses}
    own.add("tool", files=files, subdir="linux-64")
    rattler.good("create", "--prefix", "env", "tool")
    env = rattler.folder / "env"
    assert (env / "share/where.txt").read_text() == f"{env}/share\n"
    assert os.readlink(env / "bin/link") == "demo"
    assert os.access(env / "bin/demo", os.X_OK)
    assert not os.access(env / "share/where.txt", os.X_OK)
    assert subprocess.run([env / "bin/link"], capture_output=True, check=True).stdout == b"hello\n"
    assert subprocess.run([env / "bin/uses"], capture_output=True, text=True, check=True).stdout == f"{env}\n"
    assert audit.Prefix(env).audit() == []
    (record,) = (env / "conda-meta").glob("tool-*.json")
    entries = {each["_path"]: each for each in json.loads(record.read_text())["paths_data"]["paths"]}
    assert entries["share/where.txt"]["prefix_placeholder"] == PLACEHOLDER
    assert "prefix_placeholder" not in entries["bin/demo"]


def test_the_commands_of_a_package_for_every_python_are_made_for_the_one_that_is_there(rattler: Rattler, own: Own):
    own.add("words-cli", depends=["python"], files={"site-packages/cli.py": Content(b"")}, noarch="python", entry_points=["say = cli:main"])
    rattler.good("create", "--prefix", "env", "words-cli", "python 3.11.*")
    env = rattler.folder / "env"
    assert (env / "lib/python3.11/site-packages/cli.py").is_file()
    assert (env / "bin/say").read_text().startswith(f"#!{env}/bin/python3.11\n")
    assert os.access(env / "bin/say", os.X_OK)


def test_a_file_with_the_whole_placeholder_is_rewritten_and_no_other():
    assert len(PLACEHOLDER) >= 255  # a prefix may be as long in binary files, and no longer
    assert Content(PLACEHOLDER.encode()).has_prefix
    assert not Content(PLACEHOLDER[:-1].encode()).has_prefix
    assert not Content(link=PLACEHOLDER).has_prefix


def test_a_package_lies_where_its_platform_says(own: Own):
    assert own.file("demo-2.0-0") == own.folder / FORGE / "noarch/demo-2.0-0.conda"
