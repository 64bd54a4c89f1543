"""A stand-in for PyTorch's index of CPU builds, where that is not reached: the CPU wheels that pip's `find-links` of this machine names.

They are served to builds under the index's own name (see `provenv.known_host`).
"""

import html
import json
import os
import ssl
import urllib.request
import zipfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from hashlib import file_digest, sha256
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import copyfileobj
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from packaging.utils import parse_wheel_filename

from provenv import index, known_host
from provenv.engine import Engine
from provenv.errors import NotRun
from provenv.known_host import KnownHost, Shared
from provenv.sandbox import certificates, pip_settings

NEED = "pytorch-index"
"""What a recipe that uses the index names in its `needs`."""
HOST = "download.pytorch.org"
_PATH = "/whl/cpu/"
_PATIENCE = 5.0
_SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"

_SHARED = Shared()


@contextmanager
def ready(needs: Collection[str], engine: Engine, caches: Path) -> Iterator[KnownHost]:
    """The index, made ready for the builds of a recipe with these needs; raises `NotRun` where neither it nor a wheel to stand in is to be had."""
    if NEED not in needs or _answers():
        yield KnownHost()
        return
    wheels = _wheels()
    if not wheels:
        raise NotRun(f"https://{HOST}{_PATH} does not answer, and no CPU wheel lies here; name a folder with one in PIP_FIND_LINKS")
    with _SHARED.entered(lambda: _serve(engine, caches, wheels)) as stand_in:
        yield stand_in


@cache
def _answers() -> bool:
    request = urllib.request.Request(f"https://{HOST}{_PATH}", headers={"User-Agent": "provenv"}, method="HEAD")
    try:
        urllib.request.urlopen(request, timeout=_PATIENCE, context=ssl.create_default_context(cafile=certificates())).close()
    except (OSError, HTTPException):
        return False
    return True


def _wheels() -> list[Path]:
    """The CPU builds in the folders that pip looks into on this machine; of two of one name the first."""
    named = " ".join([os.environ.get("PIP_FIND_LINKS", ""), *pip_settings("find-links")]).split()
    folders = [Path(each.removeprefix("file://")) for each in named if each.startswith(("/", "file:///"))]
    found = {path.name: path for folder in reversed(folders) for path in folder.glob("*+cpu-*.whl")}
    return [found[name] for name in sorted(found)]


def _serve(engine: Engine, caches: Path, wheels: list[Path]) -> AbstractContextManager[KnownHost]:
    said = f"PyTorch's CPU index ({HOST}): the wheels of this machine, {', '.join(path.name for path in wheels)}"
    files = _files(wheels, caches)
    return known_host.served(HOST, engine, caches, lambda address: Server(address, files), [said])


# --- the index --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _File:
    """A wheel as the index tells of it."""

    path: Path
    project: str
    sha256: str
    metadata: bytes
    uploaded: str
    """ISO time, empty if it is not known."""


def _files(wheels: list[Path], caches: Path) -> list[_File]:
    return [_file(path, path.stat().st_mtime_ns, caches) for path in wheels]


@cache
def _file(path: Path, changed: int, caches: Path) -> _File:
    """A wheel; its time is that of the release that it is a build of."""
    project, version, _, _ = parse_wheel_filename(path.name)
    uploaded = index.uploaded(project, str(version), caches)
    with path.open("rb") as file, zipfile.ZipFile(path) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA") and name.count("/") == 1)
        digest = file_digest(file, "sha256").hexdigest()
        return _File(path, project, digest, archive.read(metadata), uploaded.isoformat().replace("+00:00", "Z") if uploaded else "")


class Server(ThreadingHTTPServer):
    """Serves files as a simple index."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], files: list[_File]) -> None:
        super().__init__(address, _Handler)
        self.files = files

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is no news."""

    def answer(self, path: str, accept: str) -> tuple[str, bytes | Path] | None:
        """Type and content of a page, a file or its metadata (PEP 503, 691, 700, 714); None for what is not there."""
        name = path.removeprefix(_PATH).rstrip("/")
        for file in self.files if path.startswith(_PATH) else []:
            if name == file.path.name:
                return "application/octet-stream", file.path
            if name == f"{file.path.name}.metadata":
                return "text/plain", file.metadata
        held = [file for file in self.files if file.project == name]
        if held and _SIMPLE_JSON in accept:
            told = {"meta": {"api-version": "1.1"}, "name": name, "versions": [], "files": [dict(_entry(file)) for file in held]}
            return _SIMPLE_JSON, json.dumps(told).encode()
        return ("text/html", f"<!DOCTYPE html><html><body>{''.join(map(_anchor, held))}</body></html>".encode()) if held else None


def _entry(file: _File) -> Mapping[str, object]:
    told: dict[str, object] = {"filename": file.path.name, "url": _PATH + quote(file.path.name), "hashes": {"sha256": file.sha256}}
    told |= {"size": file.path.stat().st_size, "core-metadata": {"sha256": sha256(file.metadata).hexdigest()}}
    return told | ({"upload-time": file.uploaded} if file.uploaded else {})


def _anchor(file: _File) -> str:
    described = f'data-core-metadata="sha256={sha256(file.metadata).hexdigest()}"'
    time = f' data-upload-time="{file.uploaded}"' if file.uploaded else ""
    return f'<a href="{_PATH}{quote(file.path.name)}#sha256={file.sha256}" {described}{time}>{html.escape(file.path.name)}</a>'


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        found = self.server.answer(unquote(urlsplit(self.path).path), self.headers.get("Accept", ""))
        kind, content = found or ("text/plain", b"not here")
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(content.stat().st_size if isinstance(content, Path) else len(content)))
        self.end_headers()
        if self.command == "HEAD":
            return
        with suppress(OSError):
            if isinstance(content, Path):
                with content.open("rb") as file:
                    copyfileobj(file, self.wfile)
            else:
                self.wfile.write(content)

    do_HEAD = do_GET

    def log_message(self, *_: Any) -> None:
        pass
