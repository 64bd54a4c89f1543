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
from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

import msgspec
from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from provenv.errors import NotRun
from provenv.sandbox import INDEX, certificates

_SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"
_TIMEOUT = 60
MIRROR_STAND_IN = "PyPI's simple index in place of its JSON API, for Poetry, through poetry-plugin-pypi-mirror"


class _File(msgspec.Struct, frozen=True, rename="kebab"):
    filename: str = ""
    url: str = ""
    upload_time: datetime | None = None


class _Files(msgspec.Struct, frozen=True):
    files: list[_File]


def held(as_of: date | None) -> dict[str, str]:
    """Environment variables that hold pip (26.0 or newer), pip-tools, uv and Poetry (2.4 or newer) at the start of a day (UTC); none for today.

    Poetry takes an age in whole days only, so it is held up to a day before.
    """
    if as_of is None:
        return {}
    moment = datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC)
    days = -((moment - datetime.now(UTC)) // timedelta(days=1))
    stamp = f"{as_of.isoformat()}T00:00:00Z"
    return {"PIP_UPLOADED_PRIOR_TO": stamp, "UV_EXCLUDE_NEWER": stamp, "POETRY_SOLVER_MIN_RELEASE_AGE": str(max(0, days))}


def address() -> str:
    """Address of the simple index in use: the one given on purpose, else pip's default."""
    given = os.environ.get(INDEX)
    if given:
        return _usable(given.rstrip("/"))
    try:
        from pip._internal.models.index import PyPI  # pip offers its default index nowhere else
    except ImportError:
        raise NotRun(f"pip is not installed beside provenv, so PyPI's address is unknown; install pip or set {INDEX}") from None
    return str(PyPI.simple_url).rstrip("/")


def _usable(given: str) -> str:
    """An address as it was given; raises `NotRun`, without telling it, where it is none: it may hold a password."""
    try:
        parts = urlsplit(given)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise NotRun(f"the package index cannot be reached: {INDEX} holds no address like https://HOST/simple")
    return given


@cache
def assert_reachable() -> None:
    """Raise `NotRun` where the package index does not answer: without it nothing can be said of an instruction."""
    try:
        _open(f"{address()}/pip/", _SIMPLE_JSON, "HEAD").close()
    except urllib.error.HTTPError:
        return
    except (OSError, HTTPException) as error:
        raise NotRun(f"the package index cannot be reached ({getattr(error, 'reason', type(error).__name__)})") from None


@cache
def json_api_stand_in() -> dict[str, str]:
    """Variables that lead Poetry to the simple index where PyPI's JSON API (`/pypi/NAME/VERSION/json`) is not served; else none."""
    base = address().removesuffix("/simple")
    try:
        with _open(f"{base}/pypi/pip/24.0/json", "application/json") as answer:
            json.load(answer)
    except (urllib.error.HTTPError, ValueError):
        return {"POETRY_PYPI_MIRROR_URL": f"{address()}/"}
    except (OSError, HTTPException) as error:
        raise NotRun(f"the package index cannot be reached ({type(error).__name__})") from None
    return {}


def too_new(distributions: Iterable[tuple[str, str]], as_of: date, cache_folder: Path) -> list[str]:
    """Sentences on those of the distributions (name, version) that the index did not have at the start of `as_of` (UTC).

    A distribution of which the index tells no upload time counts as too new: nothing proves that it was held.
    """
    limit = datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC)
    sentences = []
    for name, version in sorted(set(distributions)):
        when = uploaded(canonicalize_name(name), version, cache_folder)
        if when is None:
            sentences.append(f"{name} {version} has no upload time on the index")
        elif when >= limit:
            sentences.append(f"{name} {version} was uploaded on {when.date()}, after the freeze date {as_of}")
    return sentences


def uploaded(name: str, version: str, cache_folder: Path) -> datetime | None:
    """Time at which the first file of a release came to the index (PEP 700); kept for each index, since it never changes.

    Of a build with a local version (`2.13.0+cpu`), which PyPI has none of, it is the time of the release that it is a build of.
    """
    told_by = sha256(_apart(address())[0].encode()).hexdigest()[:12]
    kept = cache_folder / "uploaded" / told_by / f"{name}.json"
    try:
        times = msgspec.json.decode(kept.read_bytes(), type=dict[str, Annotated[datetime, msgspec.Meta(tz=True)]])
    except (OSError, ValueError, msgspec.DecodeError):
        times = {}
    key = _normal(version)
    public = key.partition("+")[0]
    if key not in times and public not in times:
        times = _upload_times(name)
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=kept.parent, delete=False) as file:
            file.write(msgspec.json.encode(times))
        os.replace(file.name, kept)
    return times.get(key) or times.get(public)


def _upload_times(name: str) -> dict[str, datetime]:
    try:
        with _open(f"{address()}/{name}/", _SIMPLE_JSON) as answer:
            files = msgspec.json.decode(answer.read(), type=_Files).files
    except urllib.error.HTTPError as error:
        if error.code != 404:
            raise NotRun(f"the index answers {error.code} for {name}, so nothing proves the freeze date") from None
        return {}
    except (OSError, ValueError, HTTPException, msgspec.DecodeError) as error:
        raise NotRun(
            f"the index does not tell the upload times of {name} ({type(error).__name__}), so nothing proves the freeze date"
        ) from None
    times: dict[str, datetime] = {}
    for file in files:
        version = _version_of(file.filename)
        if version and file.upload_time:
            uploaded = _utc(file.upload_time)
            times[version] = min(times.get(version, uploaded), uploaded)
    return times


def fetch(name: str, filename: str, digest: str, cache_folder: Path) -> Path:
    """A file of a project on the index with this SHA-256, kept in `cache_folder`; raises `NotRun` if the index has no such file."""
    kept = cache_folder / "files" / digest / filename
    if kept.is_file() and sha256(kept.read_bytes()).hexdigest() == digest:
        return kept
    try:
        with _open(f"{address()}/{name}/", _SIMPLE_JSON) as answer:
            page, files = answer.url, msgspec.json.decode(answer.read(), type=_Files).files
        found = next((file for file in files if file.filename == filename), None)
        if found is None:
            raise NotRun(f"the index has no {filename}")
        with _open(urljoin(page, found.url), "*/*") as answer:
            data = answer.read()
    except (OSError, ValueError, HTTPException, msgspec.DecodeError) as error:
        raise NotRun(f"{filename} cannot be fetched from the index ({type(error).__name__})") from None
    if sha256(data).hexdigest() != digest:
        raise NotRun(f"the index gives another {filename} than the one that is pinned (its SHA-256 differs)")
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=kept.parent, delete=False) as file:
        file.write(data)
    os.replace(file.name, kept)
    return kept


def _utc(moment: datetime) -> datetime:
    """A time of an index in UTC, which PEP 700 demands; so a time without a zone is in UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


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


def _apart(url: str) -> tuple[str, str]:
    """An address without its credentials, and these."""
    parts = urlsplit(url)
    credentials, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=host)), credentials


def _open(url: str, accept: str, method: str = "GET") -> Any:
    """Ask the index; the credentials in its address are sent to its own host only, not to one that it redirects to."""
    bare, credentials = _apart(url)
    request = urllib.request.Request(bare, headers={"Accept": accept, "User-Agent": "provenv"}, method=method)
    if credentials:
        user, _, password = credentials.partition(":")
        basic = b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()
        request.add_unredirected_header("Authorization", f"Basic {basic}")
    return urllib.request.urlopen(request, timeout=_TIMEOUT, context=ssl.create_default_context(cafile=certificates()))
