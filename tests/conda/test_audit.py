"""The audit of a prefix finds whatever is not as the packages left it, says it in a sentence, and nothing else."""

import json
import shutil
from pathlib import Path

import pytest

from conda.conftest import FORGE, TINY, Rattler, serving
from provenv.conda import audit
from provenv.conda.audit import Finding, Package, Prefix
from provenv.conda.package import PLACEHOLDER, Content
from provenv.distribution import Installed

SITE = "lib/python3.11/site-packages"


def metadata(name: str, version: str) -> str:
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, tiny: str) -> Path:
    """A prefix with a Python package, a file that was rewritten, a link, and two packages that own one file."""
    folder = tmp_path_factory.mktemp("audit")
    with serving(folder / "channel") as channel:
        files = {
            f"{SITE}/grid/__init__.py": Content(b"SIZE = 1\n"),
            f"{SITE}/grid/core.py": Content(b"CORE = 1\n"),
            f"{SITE}/grid-1.0.dist-info/METADATA": Content(metadata("grid", "1.0").encode()),
            "bin/grid": Content(f"#!{PLACEHOLDER}/bin/python\n".encode(), executable=True),
            "bin/link": Content(link="grid"),
        }
        channel.add("grid", files=files, subdir="linux-64", depends=["python 3.11.*"])
        rattler = Rattler(folder, {"addresses": {FORGE: channel.address, TINY: tiny}, "cache": str(folder / "cache")})
        both = ("-c", "conda-forge", "-c", TINY)
        rattler.good("create", "--prefix", "env", *both, "grid", "words", "clash-one")
        rattler.good("create", "--prefix", "clash", *both, "python 3.11.*", "clash-one", "clash-two")
    return folder


@pytest.fixture
def env(made: Path, tmp_path: Path) -> Path:
    """A copy of the prefix, in which nothing is a link into a cache."""
    return Path(shutil.copytree(made / "env", tmp_path / "env", symlinks=True))


def found(env: Path) -> list[Finding]:
    return Prefix(env).audit()


def test_a_prefix_as_its_packages_left_it_has_no_finding(env: Path):
    assert found(env) == []


def test_what_python_compiled_is_no_finding(env: Path):
    for place in ("grid/__pycache__/core.cpython-311.pyc", "__pycache__/clash.cpython-311.pyc"):
        (env / SITE / place).parent.mkdir(exist_ok=True)
        (env / SITE / place).write_bytes(b"compiled")
    assert found(env) == []


def test_a_file_that_is_gone_is_found(env: Path):
    (env / SITE / "grid/core.py").unlink()
    assert found(env) == [Finding("missing", "grid", f"1 file of grid is gone, such as {SITE}/grid/core.py")]
    (env / "bin/link").unlink()
    assert [each.sentence for each in found(env)] == ["2 files of grid are gone, such as bin/link"]


def test_a_file_that_holds_something_else_is_found(env: Path):
    (env / SITE / "grid/core.py").write_text("CORE = 2\n")
    assert found(env) == [Finding("altered", "grid", f"1 file of grid is not as installed, such as {SITE}/grid/core.py")]
    (env / "bin/grid").write_text("#!/bin/sh\n")
    assert [each.sentence for each in found(env)] == ["2 files of grid are not as installed, such as bin/grid"]


def test_metadata_of_two_versions_is_found(env: Path):
    info = env / SITE / "grid-2.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(metadata("Grid", "2.0"))
    assert found(env) == [Finding("twin", "grid", "grid has metadata of 2 versions: 1.0, 2.0")]


def test_another_version_than_conda_knows_of_is_found(env: Path):
    shutil.rmtree(env / SITE / "grid-1.0.dist-info")
    (env / SITE / "grid-2.0.dist-info").mkdir()
    (env / SITE / "grid-2.0.dist-info/METADATA").write_text(metadata("grid", "2.0"))
    assert [each.kind for each in found(env)] == ["disagreement", "missing"]
    assert found(env)[0].sentence == "conda has grid 1.0, Python sees 2.0"


def test_a_file_of_nobody_inside_of_a_package_is_found(env: Path):
    (env / SITE / "grid/left.py").write_text("")
    (env / SITE / "another").mkdir()  # what is pip's own is no business of conda's
    (env / SITE / "another/module.py").write_text("")
    assert found(env) == [Finding("foreign", "grid", f"1 file inside of grid is no package's, such as {SITE}/grid/left.py")]


def test_a_file_with_two_owners_is_found(made: Path):
    (clobbered,) = [each for each in found(made / "clash") if each.kind == "clobbered"]
    assert clobbered.package in ("clash-one", "clash-two")
    assert clobbered.sentence == f"1 file of {clobbered.package} lost to another package, such as {SITE}/clash.py"


def test_half_a_prefix_is_found(env: Path):
    (env / audit.UNFINISHED).touch()
    assert found(env) == [Finding("unfinished", "", "env is half a prefix that an interrupted change left")]


def test_findings_are_sorted_and_each_is_there(env: Path):
    (env / SITE / "grid/core.py").unlink()
    (env / SITE / "grid/left.py").write_text("")
    (env / "share/words.txt").write_text("other")
    (env / audit.UNFINISHED).touch()
    assert [(each.kind, each.package) for each in found(env)] == [
        ("altered", "words"),
        ("foreign", "grid"),
        ("missing", "grid"),
        ("unfinished", ""),
    ]


def test_packages_and_what_pip_installed_are_told_apart(env: Path):
    info = env / SITE / "more-3.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(metadata("More", "3.0"))
    prefix = Prefix(env)
    assert [(each.name, each.version, each.build) for each in prefix.packages] == [
        ("clash-one", "1.0", "0"),
        ("grid", "1.0", "0"),
        ("python", "3.11.9", "0"),
        ("words", "2.0", "0"),
    ]
    assert all(each.channel.startswith("http://127.0.0.1:") and each.timestamp == 1767225600.0 for each in prefix.packages)
    assert prefix.distributions == [Installed("more", "3.0", False)]


def test_a_record_that_tells_little_is_read(tmp_path: Path):
    (tmp_path / "conda-meta").mkdir()
    (tmp_path / "conda-meta/history").write_text("")
    (tmp_path / "conda-meta/a-1-0.json").write_text(json.dumps({"name": "a", "version": 1}))
    assert Prefix(tmp_path).packages == [Package("a", "1", "", "", 0.0)]
    assert found(tmp_path) == []


def test_prefixes_are_found_wherever_they_lie_whole_or_not(made: Path, tmp_path: Path):
    for name in ("b/deep/env", "a"):
        shutil.copytree(made / "env", tmp_path / name, symlinks=True)
    (tmp_path / "half/conda-meta").mkdir(parents=True)
    (tmp_path / "a/inner/conda-meta").mkdir(parents=True)  # inside of another one
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert [each.folder.relative_to(tmp_path).as_posix() for each in audit.find(tmp_path)] == ["a", "b/deep/env", "half"]
