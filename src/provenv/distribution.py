"""What is installed where: virtual environments under a folder, and the distributions in them.

Reads files only; nothing of an environment is run.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
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
    """The distributions in folders of `sys.path`, sorted by name; those with unreadable metadata are left out."""
    found = {_installed(each) for each in distributions(path=[str(path) for path in paths]) if each.metadata["Name"]}
    return sorted(found)


def _installed(each: Distribution) -> Installed:
    return Installed(canonicalize_name(each.metadata["Name"]), each.version, each.read_text("direct_url.json") is not None)
