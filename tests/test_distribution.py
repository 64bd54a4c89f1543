"""Environments and what is installed in them are read from files, whatever state these are in."""

import subprocess
import sys
from pathlib import Path

import pytest

from provenv import distribution
from provenv.distribution import Installed


def install(environment: Path, name: str, metadata: str | bytes | None, python: str = "python3.11", suffix: str = "dist-info") -> Path:
    """Put a distribution's metadata into an environment."""
    (environment / "pyvenv.cfg").parent.mkdir(parents=True, exist_ok=True)
    (environment / "pyvenv.cfg").write_text("")
    folder = environment / "lib" / python / "site-packages" / f"{name}.{suffix}"
    folder.mkdir(parents=True)
    if metadata is not None:
        data = metadata.encode() if isinstance(metadata, str) else metadata
        (folder / ("METADATA" if suffix == "dist-info" else "PKG-INFO")).write_bytes(data)
    return folder


def metadata(name: str, version: str) -> str:
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"


def test_what_is_installed_is_told_by_normal_name_and_version(tmp_path: Path):
    install(tmp_path, "Zope.Interface-7.0", metadata("Zope.Interface", "7.0"))
    install(tmp_path, "a_b-1.0", metadata("a_b", "1.0+local"))
    install(tmp_path, "old-2", metadata("old", "2"), suffix="egg-info")
    assert distribution.installed(tmp_path) == [
        Installed("a-b", "1.0+local", False),
        Installed("old", "2", False),
        Installed("zope-interface", "7.0", False),
    ]


def test_what_did_not_come_from_an_index_is_local(tmp_path: Path):
    folder = install(tmp_path, "mine-1", metadata("mine", "1"))
    (folder / "direct_url.json").write_text('{"url": "file:///x", "dir_info": {"editable": true}}')
    assert distribution.installed(tmp_path) == [Installed("mine", "1", True)]


@pytest.mark.parametrize(
    "broken", [None, "", "Version: 1\n", "Name: demo\n", "Name:\nVersion: 1\n", "Name: demo\nVersion:\n", b"\xff\xfe\x00"]
)
def test_what_has_no_readable_name_and_version_is_left_out(tmp_path: Path, broken: str | bytes | None):
    install(tmp_path, "demo-1", broken)
    install(tmp_path, "good-1", metadata("good", "1"))
    assert distribution.installed(tmp_path) == [Installed("good", "1", False)]


def test_metadata_in_an_old_encoding_does_not_stop_the_reading(tmp_path: Path):
    """Nor does it hide the distribution: what is not told is not checked against the freeze date."""
    install(tmp_path, "demo-1", b"Name: demo\nVersion: 1\nAuthor: J\xfcrgen\n")
    install(tmp_path, "good-1", metadata("good", "1"))
    assert distribution.installed(tmp_path) == [Installed("demo", "1", False), Installed("good", "1", False)]


def test_environments_are_found_at_any_depth_and_not_inside_each_other(tmp_path: Path):
    for place in (".venv", "deep/er/env", ".venv/inner", "link-target"):
        install(tmp_path / place, "demo-1", metadata("demo", "1"))
    (tmp_path / "linked").symlink_to("link-target")
    (tmp_path / "no-env").mkdir()
    assert distribution.environments(tmp_path) == [tmp_path / ".venv", tmp_path / "deep/er/env", tmp_path / "link-target"]


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path):
    assert distribution.environments(tmp_path / "none") == []
    assert distribution.installed(tmp_path / "none") == []


def test_a_real_environment_is_read_without_running_it(tmp_path: Path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)
    (tmp_path / "env" / "bin" / "python").unlink()
    install(tmp_path / "env", "demo-1.5", metadata("demo", "1.5"), f"python3.{sys.version_info.minor}")
    assert distribution.environments(tmp_path) == [tmp_path / "env"]
    assert distribution.installed(tmp_path / "env") == [Installed("demo", "1.5", False)]
