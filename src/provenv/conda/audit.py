"""Audits a conda prefix: whether each file that a package owns is as it was installed, and what lies there that no package owns.

Reads files only, and needs neither conda nor py-rattler.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import file_digest
from pathlib import Path
from typing import Any, Literal

from packaging.utils import canonicalize_name

from provenv import distribution

UNFINISHED = "conda-meta/provenv-unfinished"
"""File of a prefix while `rattler-conda` changes it; one that still has it is not whole."""
Kind = Literal["unfinished", "missing", "altered", "twin", "disagreement", "foreign", "clobbered"]


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is not as the packages left it."""

    kind: Kind
    package: str
    sentence: str


@dataclass(frozen=True, order=True)
class Package:
    """A package that a prefix owns, by its record in `conda-meta`."""

    name: str
    version: str
    build: str
    channel: str
    timestamp: float
    """Seconds since the epoch at which it was built, 0 if its record does not tell."""


class Prefix:
    """A conda prefix."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def _records(self) -> list[dict[str, Any]]:
        return [json.loads(path.read_text("utf-8")) for path in sorted((self.folder / "conda-meta").glob("*.json"))]

    @property
    def packages(self) -> list[Package]:
        """What is installed by its records, by name."""
        return sorted(
            Package(
                record["name"],
                str(record["version"]),
                str(record.get("build", record.get("build_string", ""))),
                str(record.get("channel", "")),
                float(record.get("timestamp") or 0) / 1000,
            )
            for record in self._records
        )

    @property
    def distributions(self) -> list[distribution.Installed]:
        """The distributions of Python in it that no package brought, by name: those that pip installed, or left."""
        owned = {(canonicalize_name(each.name), each.version) for each in self.packages}
        return [each for each in distribution.installed(self.folder) if (each.name, each.version) not in owned]

    def audit(self) -> list[Finding]:
        """What is not as the packages left it, sorted; an empty list says that every file was looked at and fits."""
        unfinished = [Finding("unfinished", "", f"{self.folder.name} is half a prefix that an interrupted change left")]
        return sorted(
            [
                *(unfinished if (self.folder / UNFINISHED).exists() else []),
                *(finding for record in self._records for finding in self._files(record)),
                *self._twins(),
                *self._disagreements(),
                *self._foreign(),
                *self._clobbered(),
            ]
        )

    def _files(self, record: dict[str, Any]) -> Iterator[Finding]:
        """Files of a package that are gone or hold something else, a sentence for each sort."""
        name = record["name"]
        missing, altered = [], []
        for entry in _entries(record):
            path = self.folder / entry["_path"]
            digest = entry.get("sha256_in_prefix") or entry.get("sha256")
            if not path.exists() and not path.is_symlink():
                missing.append(entry["_path"])
            elif digest and path.is_file() and not path.is_symlink():
                with path.open("rb") as file:
                    if file_digest(file, "sha256").hexdigest() != digest:
                        altered.append(entry["_path"])
        if missing:
            yield Finding("missing", name, f"{_count(missing)} of {name} {_is(missing)} gone, such as {missing[0]}")
        if altered:
            yield Finding("altered", name, f"{_count(altered)} of {name} {_is(altered)} not as installed, such as {altered[0]}")

    def _infos(self) -> dict[str, list[str]]:
        """Versions of each distribution of Python by its metadata folders."""
        found: dict[str, list[str]] = {}
        for each in distribution.installed(self.folder):
            found.setdefault(each.name, []).append(each.version)
        return found

    def _twins(self) -> Iterator[Finding]:
        for name, versions in self._infos().items():
            if len(versions) > 1:
                yield Finding("twin", name, f"{name} has metadata of {len(versions)} versions: {', '.join(sorted(versions))}")

    def _disagreements(self) -> Iterator[Finding]:
        infos = self._infos()
        for package in self.packages:
            versions = infos.get(canonicalize_name(package.name), [package.version])
            if package.version not in versions:
                yield Finding("disagreement", package.name, f"conda has {package.name} {package.version}, Python sees {versions[0]}")

    def _foreign(self) -> Iterator[Finding]:
        """Files that no package owns, inside of Python packages that one does."""
        owner = {self.folder / path: record["name"] for record in self._records for path in _paths(record)}
        for place in self.folder.glob("lib/python3*/site-packages"):
            modules = {path.relative_to(place).parts[0]: name for path, name in owner.items() if path.is_relative_to(place)}
            for module, name in sorted(modules.items()):
                if (place / module).is_dir() and not module.endswith((".dist-info", ".egg-info", "__pycache__")):
                    inside = (path for path in (place / module).rglob("*") if path.is_file() and path.suffix != ".pyc")
                    found = sorted(path.relative_to(self.folder).as_posix() for path in inside if path not in owner)
                    if found:
                        yield Finding("foreign", name, f"{_count(found)} inside of {name} {_is(found)} no package's, such as {found[0]}")

    def _clobbered(self) -> Iterator[Finding]:
        """Files that two packages bring; one of them lost."""
        lost = self.folder / "__clobbers__"
        for package in sorted(lost.iterdir()) if lost.is_dir() else []:
            files = sorted(path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file())
            if files:
                yield Finding("clobbered", package.name, f"{_count(files)} of {package.name} lost to another package, such as {files[0]}")


def find(folder: Path) -> list[Prefix]:
    """The conda prefixes under a folder, sorted, whole or not."""
    found: list[Path] = []
    pending = [folder]
    while pending:
        here = pending.pop()
        if (here / "conda-meta").is_dir():
            found.append(here)
            continue
        pending += [each for each in here.iterdir() if each.is_dir() and not each.is_symlink()]
    return [Prefix(each) for each in sorted(found)]


def _entries(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The files of a package, as its record has them."""
    return list(record.get("paths_data", {}).get("paths", []))


def _paths(record: dict[str, Any]) -> Iterator[str]:
    return (entry["_path"] for entry in _entries(record))


def _count(names: list[str]) -> str:
    return f"{len(names)} file{'s' if len(names) > 1 else ''}"


def _is(names: list[str]) -> str:
    return "are" if len(names) > 1 else "is"
