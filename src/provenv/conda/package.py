"""Writes conda packages (`.conda`, CEP-PR0 format 2) that are the same bytes for the same content, and the index of a channel of them."""

import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

PLACEHOLDER = "/provenv-placeholder" + "_placehold" * 23 + "/prefix"
"""Prefix that stands in the text of files, in whose place an installer writes the real one (at most as long in binary files)."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_LEVEL = 6
_SCRIPT = "0o775"


@dataclass(frozen=True)
class Content:
    """A file of a package."""

    data: bytes | Path = b""
    executable: bool = False
    link: str = ""
    """Target, if the file is a symbolic link."""

    def read(self) -> bytes:
        """Its bytes."""
        return self.data.read_bytes() if isinstance(self.data, Path) else self.data

    @property
    def has_prefix(self) -> bool:
        """Whether the placeholder stands in it."""
        return not self.link and PLACEHOLDER.encode() in self.read()


@dataclass(frozen=True)
class Package:
    """A package to be written; the fields are those of `info/index.json`."""

    name: str
    version: str
    build: str
    subdir: str
    released: datetime
    files: Mapping[str, Content]
    depends: Sequence[str] = ()
    constrains: Sequence[str] = ()
    number: int = 0
    noarch: str = ""
    """`python` or `generic`, empty for one of a platform."""
    entry_points: Sequence[str] = ()
    """Of a `noarch: python` package, as in its `link.json`."""
    licence: str = ""
    about: Mapping[str, str] = field(default_factory=dict)

    @property
    def stem(self) -> str:
        """File name without its suffix."""
        return f"{self.name}-{self.version}-{self.build}"

    @property
    def index(self) -> dict[str, Any]:
        """What `info/index.json` holds."""
        told: dict[str, Any] = {
            "arch": None if self.noarch else "x86_64",
            "build": self.build,
            "build_number": self.number,
            "constrains": list(self.constrains),
            "depends": list(self.depends),
            "license": self.licence,
            "name": self.name,
            "platform": None if self.noarch else "linux",
            "subdir": self.subdir,
            "timestamp": int(self.released.timestamp() * 1000),
            "version": self.version,
        }
        return {**told, **({"noarch": self.noarch} if self.noarch else {})}


def write(package: Package, channel: Path) -> dict[str, Any]:
    """Write a package into its place in a channel's folder; gives its record for the index."""
    folder = channel / package.subdir
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{package.stem}.conda"
    names = sorted(package.files)
    info = {
        "info/about.json": _json(package.about),
        "info/files": "".join(f"{name}\n" for name in names).encode(),
        "info/index.json": _json(package.index),
        "info/paths.json": _json({"paths": [_path(name, package.files[name]) for name in names], "paths_version": 1}),
    }
    if package.noarch == "python":
        info["info/link.json"] = _json(
            {"noarch": {"type": "python", "entry_points": list(package.entry_points)}, "package_metadata_version": 1}
        )
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        _store(archive, "metadata.json", lambda file: _copy(file, _json({"conda_pkg_format_version": 2})))
        _store(archive, f"pkg-{package.stem}.tar.zst", lambda file: _tar(file, package.files))
        _store(archive, f"info-{package.stem}.tar.zst", lambda file: _tar(file, {name: Content(data) for name, data in info.items()}))
    data = target.read_bytes()
    digests = {"md5": hashlib.md5(data, usedforsecurity=False).hexdigest(), "sha256": hashlib.sha256(data).hexdigest()}
    return {**package.index, **digests, "size": len(data), "fn": target.name}


def write_index(channel: Path, records: Sequence[Mapping[str, Any]], subdirs: Sequence[str]) -> None:
    """Write the `repodata.json` of each platform of a channel."""
    for subdir in subdirs:
        (channel / subdir).mkdir(parents=True, exist_ok=True)
        held = {each["fn"]: {name: value for name, value in each.items() if name != "fn"} for each in records if each["subdir"] == subdir}
        told = {"info": {"subdir": subdir}, "packages": {}, "packages.conda": held, "removed": [], "repodata_version": 1}
        (channel / subdir / "repodata.json").write_bytes(_json(told))


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1, sort_keys=True).encode() + b"\n"


def _path(name: str, content: Content) -> dict[str, Any]:
    """The entry of a file in `info/paths.json`."""
    if content.link:
        return {"_path": name, "path_type": "softlink"}
    data = content.read()
    told = {"_path": name, "path_type": "hardlink", "sha256": hashlib.sha256(data).hexdigest(), "size_in_bytes": len(data)}
    return {**told, "file_mode": "text", "prefix_placeholder": PLACEHOLDER} if content.has_prefix else told


def _store(archive: zipfile.ZipFile, name: str, fill: Callable[[IO[bytes]], None]) -> None:
    with archive.open(zipfile.ZipInfo(name, _EPOCH), "w") as file:
        fill(file)


def _copy(file: IO[bytes], data: bytes) -> None:
    file.write(data)


def _tar(file: IO[bytes], files: Mapping[str, Content]) -> None:
    """Write a compressed archive in which nothing tells who made it, or when."""
    from backports import zstd  # Python 3.14 has it as `compression.zstd`

    with (
        zstd.ZstdFile(file, "w", level=_LEVEL) as compressed,
        tarfile.open(fileobj=compressed, mode="w|", format=tarfile.GNU_FORMAT) as tar,
    ):
        for name in sorted(files):
            member, content = tarfile.TarInfo(name), files[name]
            member.mode = 0o775 if content.executable else 0o664
            if content.link:
                member.type, member.linkname = tarfile.SYMTYPE, content.link
                tar.addfile(member)
                continue
            data = content.read()
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
