"""Nothing that is committed or built names a package registry's host, a path of the machine that it was made on, or a secret."""

import hashlib
import os
import re
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
REGISTRIES = {
    "a4aa2ac280bb8d1a0ce7a1be5a7bfb10292b49fe9435ad5cff19f421f3c70e41",
    "8b5bb5eb9d758455b8635855cf8aaf05b68775e3f83f0291e800ef338fb9783c",
    "75adac515f0bd3db64beb3cdd657340ff9f5443675a8cea41731a4d5d57d0c45",
    "8743857e3ea00fd1c64bbc68b8af241954ad2c285e7a60340eec7ea5dcb200db",
    "3ca29e55be4befa48f875d24c27f9bed32fe06588819ed6264084b6670a1ebb0",
}
"""SHA-256 of host names that may not be written, this file included."""


def committed() -> list[Path]:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def built() -> list[Path]:
    folders = [ROOT / "site", ROOT / "docs" / "recipes", ROOT / "docs" / "proofs", ROOT / ".provenv"]
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def registries_in(text: str) -> list[str]:
    """Host names in a text that are, or end in, a registry's."""
    found = []
    for host in set(re.findall(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", text.lower())):
        parts = host.split(".")
        domains = [".".join(parts[index:]) for index in range(len(parts) - 1)]
        if any(hashlib.sha256(domain.encode()).hexdigest() in REGISTRIES for domain in domains):
            found.append(host)
    return found


def local_texts() -> list[str]:
    """Paths of this machine and names of its own that are long enough to be told from other words."""
    environment = [value for name, value in os.environ.items() if name in ("PIP_FIND_LINKS", "PYENV_ROOT", "VIRTUAL_ENV", "PROVENV_CACHE")]
    above = [ROOT.parent] if len(ROOT.parent.parts) > 2 else []  # one name alone, such as `/build`, may stand for anything
    paths = [str(path) for path in (Path.home(), ROOT, *above, *map(Path, environment)) if len(path.parts) > 1]
    generic = {tempfile.gettempdir(), "/home", "/usr", "/usr/local", "/opt", "/var", "/srv", "/mnt", "/root"}
    host = [socket.gethostname()] if len(socket.gethostname()) > 5 else []
    return [*(path for path in paths if path not in generic), *host]


def files() -> list[Path]:
    return sorted({*committed(), *built()})


def test_there_is_something_to_look_at() -> None:
    assert len(committed()) > 50


def test_the_guard_knows_a_registry_when_it_sees_one() -> None:
    index = pytest.importorskip("pip._internal.models.index").PyPI
    assert registries_in(f"see https://{index.netloc}/simple/") == [index.netloc]
    assert registries_in(f"https://{index.file_storage_domain}/packages/x.whl")
    assert not registries_in("packaging.python.org docs.astral.sh 3.13.0 requirements.txt")


def test_no_file_names_the_host_of_a_package_registry() -> None:
    assert not [(path, hosts) for path in files() if (hosts := registries_in(path.read_text("utf-8", "ignore")))]


def test_no_file_names_a_path_or_the_name_of_this_machine() -> None:
    patterns = [re.compile(rf"(?<![\w./-]){re.escape(text)}(?![\w-])") for text in local_texts()]
    hits = [(path, pattern.pattern) for path in files() for pattern in patterns if pattern.search(path.read_text("utf-8", "ignore"))]
    assert not hits


def test_no_file_holds_a_token() -> None:
    token = re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|pypi-AgEI[A-Za-z0-9_-]{20,}|hf_[A-Za-z0-9]{30,}|AKIA[A-Z0-9]{16})\b")
    tests = ROOT / "tests"
    assert not [path for path in files() if not path.is_relative_to(tests) and token.search(path.read_text("utf-8", "ignore"))]
