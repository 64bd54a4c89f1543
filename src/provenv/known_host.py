"""A stand-in for a server that builds ask: it listens in this process, at an address that builds reach, under the server's own name over HTTPS.

The authority that vouches for the name is made for the process, vouches for no other name, and its key is gone before the first build.
"""

import fcntl
import json
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from pathlib import Path

from provenv.engine import Engine
from provenv.errors import NotRun

PORT = 443
_OPENSSL = """
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
nameConstraints = critical, permitted;DNS:{host}
[server]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:{host}
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


@dataclass(frozen=True)
class KnownHost:
    """What builds are told so that they find the stand-in; all is empty where the server itself answers, or is not needed."""

    known_host: str = ""
    """Name and address, as `--add-host` takes them."""
    authority: str = ""
    """The authority's certificate, as PEM."""
    said: list[str] = field(default_factory=list)
    """What a page says of it."""


@dataclass
class Shared:
    """One stand-in for all scenarios of this process; other processes wait for the port."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    count: int = 0
    stack: ExitStack = field(default_factory=ExitStack)
    stand_in: KnownHost = field(default_factory=KnownHost)

    @contextmanager
    def entered(self, serve: Callable[[], AbstractContextManager[KnownHost]]) -> Iterator[KnownHost]:
        """The stand-in, served by the first one in and ended by the last one out."""
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


@contextmanager
def served(
    host: str, engine: Engine, caches: Path, make: Callable[[tuple[str, int]], ThreadingHTTPServer], said: list[str]
) -> Iterator[KnownHost]:
    """Serve under a host's name what `make` gives for an address; raises `NotRun` if that cannot be done here."""
    (caches / "locks").mkdir(parents=True, exist_ok=True)
    with (caches / "locks" / f"port-{PORT}").open("w") as lock, tempfile.TemporaryDirectory(prefix="provenv-host-") as folder:
        fcntl.flock(lock, fcntl.LOCK_EX)
        address = _gateway(engine)
        authority = vouch(Path(folder), host)
        with serving(host, (address, PORT), Path(folder), make):
            yield KnownHost(f"{host}:{address}", authority, said)


def _gateway(engine: Engine) -> str:
    """The address at which a build on this engine's default network reaches this machine."""
    told = json.loads(engine.call("network", "inspect", "podman" if engine.kind == "podman" else "bridge"))[0]
    places = told.get("IPAM", {}).get("Config") or told.get("subnets") or []
    gateways = [str(value) for place in places for name, value in place.items() if name.lower() == "gateway" and "." in str(value)]
    if not gateways:
        raise NotRun(f"{engine} tells no address of its default network at which a build reaches this machine")
    return gateways[0]


def vouch(folder: Path, host: str) -> str:
    """Make an authority, and a certificate of a host's name and its key in `folder`; gives the authority's certificate."""
    (folder / "openssl.cnf").write_text(_OPENSSL.format(host=host))
    made = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "2", "-config", "openssl.cnf")
    for name, signed in (("authority", ()), ("server", ("-CA", "authority.pem", "-CAkey", "authority.key"))):
        command = ["openssl", "req", "-x509", *made, "-extensions", name, "-subj", f"/CN=provenv {name}", *signed]
        try:
            subprocess.run([*command, "-out", f"{name}.pem", "-keyout", f"{name}.key"], cwd=folder, capture_output=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            raise NotRun(f"no certificate for {host} could be made; install openssl 3.0 or newer") from None
    (folder / "authority.key").unlink()
    return (folder / "authority.pem").read_text()


@contextmanager
def serving(host: str, address: tuple[str, int], folder: Path, make: Callable[[tuple[str, int]], ThreadingHTTPServer]) -> Iterator[int]:
    """Serve with the certificate that `folder` holds; gives the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    try:
        server = make(address)
    except OSError as error:
        raise NotRun(f"{host} cannot be stood in for: {address[0]}:{address[1]} is not to be had ({error.strerror})") from None
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
