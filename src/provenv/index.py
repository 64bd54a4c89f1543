"""The package index: how it is held at a freeze date, and what it can and cannot serve.

The date is held by the tools' own settings; afterwards each resolved distribution's upload time is looked up, because a tool too old
for the setting ignores it in silence.
"""

import json
import os
import re
import ssl
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from provenv.errors import NotRun
from provenv.sandbox import INDEX, certificates

_SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"
_TIMEOUT = 60
MIRROR_STAND_IN = "PyPI's simple index in place of its JSON API, for Poetry, through poetry-plugin-pypi-mirror"


def held(as_of: date | None) -> dict[str, str]:
    """Environment variables that hold pip (26.0 or newer), pip-tools and uv at the start of a day (UTC); none for today."""
    if as_of is None:
        return {}
    moment = f"{as_of.isoformat()}T00:00:00Z"
    return {"PIP_UPLOADED_PRIOR_TO": moment, "UV_EXCLUDE_NEWER": moment}


def address() -> str:
    """Address of the simple index in use: the one given on purpose, else pip's default."""
    given = os.environ.get(INDEX)
    if given:
        return given.rstrip("/")
    try:
        from pip._internal.models.index import PyPI  # pip offers its default index nowhere else
    except ImportError:
        raise NotRun(f"pip is not installed beside provenv, so PyPI's address is unknown; install pip or set {INDEX}") from None
    return str(PyPI.simple_url).rstrip("/")


@cache
def assert_reachable() -> None:
    """Raise `NotRun` where the package index does not answer: without it nothing can be said of an instruction."""
    try:
        _open(f"{address()}/pip/", _SIMPLE_JSON, "HEAD").close()
    except urllib.error.HTTPError:
        return
    except OSError as error:
        raise NotRun(f"the package index cannot be reached ({getattr(error, 'reason', error)})") from None


@cache
def json_api_stand_in() -> dict[str, str]:
    """Variables that lead Poetry to the simple index where PyPI's JSON API (`/pypi/NAME/VERSION/json`) is not served; else none."""
    base = address().removesuffix("/simple")
    try:
        with _open(f"{base}/pypi/pip/24.0/json", "application/json") as answer:
            json.load(answer)
    except (urllib.error.HTTPError, ValueError):
        return {"POETRY_PYPI_MIRROR_URL": f"{address()}/"}
    except OSError as error:
        raise NotRun(f"the package index cannot be reached ({type(error).__name__})") from None
    return {}


def too_new(distributions: Iterable[tuple[str, str]], as_of: date, cache_folder: Path) -> list[str]:
    """Sentences on those of the distributions (name, version) that the index did not have at the start of `as_of` (UTC).

    A distribution of which the index tells no upload time counts as too new: nothing proves that it was held.
    """
    limit = datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC)
    sentences = []
    for name, version in sorted(set(distributions)):
        uploaded = _uploaded(canonicalize_name(name), version, cache_folder)
        if uploaded is None:
            sentences.append(f"{name} {version} has no upload time on the index")
        elif uploaded >= limit:
            sentences.append(f"{name} {version} was uploaded on {uploaded.date()}, after the freeze date {as_of}")
    return sentences


def _uploaded(name: str, version: str, cache_folder: Path) -> datetime | None:
    """Time at which the first file of a release came to the index (PEP 700); kept, since it never changes."""
    kept = cache_folder / "uploaded" / f"{name}.json"
    try:
        times: dict[str, str] = json.loads(kept.read_text())
    except (OSError, ValueError):
        times = {}
    key = _normal(version)
    if key not in times:
        times = _upload_times(name)
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=kept.parent, delete=False) as file:
            json.dump(times, file)
        os.replace(file.name, kept)
    return datetime.fromisoformat(times[key]) if key in times else None


def _upload_times(name: str) -> dict[str, str]:
    try:
        with _open(f"{address()}/{name}/", _SIMPLE_JSON) as answer:
            files = json.load(answer).get("files", [])
    except urllib.error.HTTPError as error:
        if error.code != 404:
            raise NotRun(f"the index answers {error.code} for {name}, so nothing proves the freeze date") from None
        return {}
    except (OSError, ValueError) as error:
        raise NotRun(
            f"the index does not tell the upload times of {name} ({type(error).__name__}), so nothing proves the freeze date"
        ) from None
    times: dict[str, str] = {}
    for file in files:
        version, uploaded = _version_of(file.get("filename", "")), file.get("upload-time")
        if version and uploaded:
            times[version] = min(times.get(version, uploaded), uploaded)
    return times


def _version_of(filename: str) -> str | None:
    try:
        if filename.endswith(".whl"):
            return str(parse_wheel_filename(filename)[1])
        return str(parse_sdist_filename(re.sub(r"\.(tar\.bz2|tgz)$", ".tar.gz", filename))[1])
    except ValueError:
        return None


def _normal(version: str) -> str:
    try:
        return str(Version(version))
    except InvalidVersion:
        return version


def _open(url: str, accept: str, method: str = "GET") -> Any:
    request = urllib.request.Request(url, headers={"Accept": accept, "User-Agent": "provenv"}, method=method)
    return urllib.request.urlopen(request, timeout=_TIMEOUT, context=ssl.create_default_context(cafile=certificates()))
