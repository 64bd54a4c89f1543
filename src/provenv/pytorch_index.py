"""A stand-in for PyTorch's index of CPU builds, where that is not reached: the CPU wheels that pip's `find-links` of this machine names.

They are served over HTTPS from this process, at an address that builds reach, under the index's own name. The authority that vouches for
the name is made for the process, vouches for no other name, and its key is gone before the first build.
"""

import fcntl
import html
import json
import os
import ssl
import subprocess
import tempfile
import threading
import urllib.request
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from hashlib import file_digest, sha256
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import copyfileobj
from typing import Any, ClassVar
from urllib.parse import quote, unquote, urlsplit

from packaging.utils import parse_wheel_filename

from provenv import index
from provenv.engine import Engine
from provenv.errors import NotRun
from provenv.sandbox import certificates, pip_settings

NEED = "pytorch-index"
"""What a recipe that uses the index names in its `needs`."""
HOST = "download.pytorch.org"
_PATH = "/whl/cpu/"
_PORT = 443
_PATIENCE = 5.0
_SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"
_OPENSSL = f"""
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
nameConstraints = critical, permitted;DNS:{HOST}
[server]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:{HOST}
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


@dataclass(frozen=True)
class StandIn:
    """What builds are told so that they find the stand-in; all is empty where the index itself answers, or is not needed."""

    known_host: str = ""
    """Name and address, as `--add-host` takes them."""
    authority: str = ""
    """The authority's certificate, as PEM."""
    said: list[str] = field(default_factory=list)
    """What a page says of it."""


@contextmanager
def ready(needs: Collection[str], engine: Engine, caches: Path) -> Iterator[StandIn]:
    """The index, made ready for the builds of a recipe with these needs; raises `NotRun` where neither it nor a wheel to stand in is to be had."""
    if NEED not in needs or _answers():
        yield StandIn()
        return
    wheels = _wheels()
    if not wheels:
        raise NotRun(f"https://{HOST}{_PATH} does not answer, and no CPU wheel lies here; name a folder with one in PIP_FIND_LINKS")
    with _Shared.all.entered(lambda: _serve(engine, caches, wheels)) as stand_in:
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


@dataclass
class _Shared:
    """One server for all scenarios of this process; other processes wait for the port."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    count: int = 0
    stack: ExitStack = field(default_factory=ExitStack)
    stand_in: StandIn = field(default_factory=StandIn)
    all: ClassVar["_Shared"]

    @contextmanager
    def entered(self, serve: Callable[[], AbstractContextManager[StandIn]]) -> Iterator[StandIn]:
        with self.lock:
            if self.count == 0:
                self.stand_in = self.stack.enter_context(serve())
            self.count += 1
        try:
            yield self.stand_in
        finally:
            with self.lock:
                self.count -= 1
                if self.count == 0:
                    self.stack.close()


_Shared.all = _Shared()


@contextmanager
def _serve(engine: Engine, caches: Path, wheels: list[Path]) -> Iterator[StandIn]:
    (caches / "locks").mkdir(parents=True, exist_ok=True)
    with (caches / "locks" / NEED).open("w") as lock, tempfile.TemporaryDirectory(prefix="provenv-index-") as folder:
        fcntl.flock(lock, fcntl.LOCK_EX)
        address = _gateway(engine)
        authority = _vouch(Path(folder))
        with serving((address, _PORT), Path(folder), _files(wheels, caches)):
            names = ", ".join(path.name for path in wheels)
            yield StandIn(f"{HOST}:{address}", authority, [f"PyTorch's CPU index ({HOST}): the wheels of this machine, {names}"])


def _gateway(engine: Engine) -> str:
    """The address at which a build on this engine's default network reaches this machine."""
    told = json.loads(engine.call("network", "inspect", "podman" if engine.kind == "podman" else "bridge"))[0]
    places = told.get("IPAM", {}).get("Config") or told.get("subnets") or []
    gateways = [str(value) for place in places for name, value in place.items() if name.lower() == "gateway" and "." in str(value)]
    if not gateways:
        raise NotRun(f"{engine} tells no address of its default network at which a build reaches this machine")
    return gateways[0]


def _vouch(folder: Path) -> str:
    """Make an authority, and a certificate of the index's name and its key in `folder`; gives the authority's certificate."""
    (folder / "openssl.cnf").write_text(_OPENSSL)
    made = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "2", "-config", "openssl.cnf")
    for name, signed in (("authority", ()), ("server", ("-CA", "authority.pem", "-CAkey", "authority.key"))):
        command = ["openssl", "req", "-x509", *made, "-extensions", name, "-subj", f"/CN=provenv {name}", *signed]
        try:
            subprocess.run([*command, "-out", f"{name}.pem", "-keyout", f"{name}.key"], cwd=folder, capture_output=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            raise NotRun(f"no certificate for {HOST} could be made; install openssl 3.0 or newer") from None
    (folder / "authority.key").unlink()
    return (folder / "authority.pem").read_text()


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


@contextmanager
def serving(address: tuple[str, int], folder: Path, files: list[_File]) -> Iterator[int]:
    """Serve files as a simple index with the certificate that `folder` holds; gives the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    try:
        server = _Server(address, _Handler)
    except OSError as error:
        raise NotRun(f"PyTorch's index cannot be stood in for: {address[0]}:{address[1]} is not to be had ({error.strerror})") from None
    server.files = files
    # The handshake is left to each request's own thread, so that a client that never speaks holds up no other.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    files: list[_File]

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
    server: _Server

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
