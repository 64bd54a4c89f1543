"""What is installed where: virtual environments under a folder, and the distributions in them.

Reads files only; nothing of an environment is run.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from pathlib import Path

from packaging.utils import canonicalize_name


@dataclass(frozen=True, order=True)
class Installed:
    """One installed distribution."""

    name: str
    """Normalised (PEP 503)."""
    version: str
    local: bool
    """Installed from a folder, file or repository instead of an index (PEP 610)."""


def environments(folder: Path) -> list[Path]:
    """Virtual environments (folders with a `pyvenv.cfg`) under a folder, sorted."""
    found = []
    for parent, folders, names in os.walk(folder):
        if "pyvenv.cfg" in names:
            found.append(Path(parent))
            folders.clear()
    return sorted(found)


def installed(environment: Path) -> list[Installed]:
    """The distributions in the site-packages of an environment or prefix, sorted by name."""
    return of(environment.glob("lib/python3*/site-packages"))


def of(paths: Iterable[Path]) -> list[Installed]:
    """The distributions in folders of `sys.path`, sorted by name; what tells no name and version is none."""
    infos = [info for path in paths if path.is_dir() for info in path.iterdir() if info.suffix in (".dist-info", ".egg-info")]
    return sorted({each for info in infos if (each := _installed(info))})


def _installed(info: Path) -> Installed | None:
    """What a metadata folder tells; read as bytes, since metadata older than its standard may be in any encoding."""
    file = info / ("METADATA" if info.suffix == ".dist-info" else "PKG-INFO") if info.is_dir() else info
    if not file.is_file():
        return None
    headers = BytesHeaderParser().parsebytes(file.read_bytes())
    name, version = str(headers["Name"] or ""), str(headers["Version"] or "")
    return Installed(canonicalize_name(name), version, (info / "direct_url.json").is_file()) if name and version else None
