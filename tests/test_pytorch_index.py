"""The stand-in for PyTorch's index of CPU builds: when it is made, what it serves, and to whom it can vouch for what."""

import hashlib
import os
import re
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from conftest import Index, wheel
from provenv import known_host, pytorch_index
from provenv.engine import Engine
from provenv.errors import NotRun
from provenv.known_host import KnownHost
from provenv.pytorch_index import HOST, NEED

SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"
UPLOADED = "2026-07-08T16:01:59Z"


@pytest.fixture(autouse=True)
def asked_anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test asks the real index, or looks into this machine's folders."""
    pytorch_index._file.cache_clear()
    monkeypatch.setattr(pytorch_index, "_answers", lambda: False)
    monkeypatch.setattr(pytorch_index, "pip_settings", lambda option: iter(()))
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    yield


@pytest.fixture
def links(tmp_path: Path, index: Index, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip looks into, with a CPU build of a release that the index knows."""
    folder = tmp_path / "links"
    folder.mkdir()
    index.add("demo", "1.0", UPLOADED)
    name, data = wheel("demo", "1.0+cpu")
    (folder / name).write_bytes(data)
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


class Served:
    """The index as a client sees it."""

    def __init__(self, port: int, authority: str) -> None:
        self.port, self.trust = port, ssl.create_default_context(cadata=authority)

    def get(self, path: str, accept: str = "text/html", host: str = HOST, method: str = "GET") -> HTTPResponse:
        connection = HTTPConnection("127.0.0.1", self.port)
        connection.sock = self.trust.wrap_socket(socket.create_connection(("127.0.0.1", self.port), timeout=20), server_hostname=host)
        connection.request(method, path, headers={"Accept": accept})
        return connection.getresponse()


@contextmanager
def serving(tmp_path: Path) -> Iterator[Served]:
    folder = tmp_path / "certificates"
    folder.mkdir()
    authority = known_host.vouch(folder, HOST)
    (tmp_path / "authority.pem").write_text(authority)
    files = pytorch_index._files(pytorch_index._wheels(), tmp_path / "caches")
    with known_host.serving(HOST, ("127.0.0.1", 0), folder, lambda address: pytorch_index.Server(address, files)) as port:
        yield Served(port, authority)


@pytest.fixture
def served(links: Path, tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path) as made:
        yield made


# --- when it is made ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """An engine whose builds reach this machine at its own address, at a port that anyone may have."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        monkeypatch.setattr(known_host, "PORT", free.getsockname()[1])
    told = '[{"IPAM": {"Config": [{"Subnet": "fd00::/64", "Gateway": "fd00::1"}, {"Subnet": "127.0.0.0/8", "Gateway": "127.0.0.1"}]}}]'
    monkeypatch.setattr(Engine, "call", lambda *_, **__: told)
    return Engine(Path("/nowhere/docker"), "docker", "26.1")


def listens() -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", known_host.PORT)) == 0


def test_nothing_is_made_for_a_recipe_that_does_not_ask(links: Path, gateway: Engine, tmp_path: Path):
    with pytorch_index.ready(["network"], gateway, tmp_path) as made:
        assert made == KnownHost()
        assert not listens()


def test_nothing_is_made_where_the_index_itself_answers(links: Path, gateway: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pytorch_index, "_answers", lambda: True)
    with pytorch_index.ready([NEED], gateway, tmp_path) as made:
        assert made == KnownHost()
        assert not listens()


def test_without_a_wheel_nothing_is_said_but_what_to_do(gateway: Engine, tmp_path: Path):
    with pytest.raises(NotRun, match="name a folder with one in PIP_FIND_LINKS"), pytorch_index.ready([NEED], gateway, tmp_path):
        pass


def test_a_port_that_is_taken_is_told(links: Path, gateway: Engine, tmp_path: Path):
    with (
        socket.create_server(("127.0.0.1", known_host.PORT)),
        pytest.raises(NotRun, match=r"127\.0\.0\.1:\d+ is not to be had \(Address already in use\)"),
        pytorch_index.ready([NEED], gateway, tmp_path),
    ):
        pass
    with pytorch_index.ready([NEED], gateway, tmp_path):
        assert listens()


def test_a_build_is_told_where_it_is_and_a_page_what_it_is(links: Path, gateway: Engine, tmp_path: Path):
    with pytorch_index.ready([NEED], gateway, tmp_path) as made:
        assert made.known_host == f"{HOST}:127.0.0.1"
        assert made.authority.startswith("-----BEGIN CERTIFICATE-----")
        assert made.said == [f"PyTorch's CPU index ({HOST}): the wheels of this machine, demo-1.0+cpu-py3-none-any.whl"]


def test_scenarios_at_once_share_it_and_the_last_one_ends_it(links: Path, gateway: Engine, tmp_path: Path):
    with ExitStack() as first, ExitStack() as second:
        one = first.enter_context(pytorch_index.ready([NEED], gateway, tmp_path))
        assert second.enter_context(pytorch_index.ready([NEED], gateway, tmp_path)) is one
        first.close()
        assert listens()
        second.close()
        assert not listens()
    with pytorch_index.ready([NEED], gateway, tmp_path) as later:
        assert listens()
        assert later.authority != one.authority


def test_another_process_waits_for_its_turn(links: Path, gateway: Engine, tmp_path: Path):
    with pytorch_index.ready([NEED], gateway, tmp_path):
        code = "import fcntl, sys; fcntl.flock(open(sys.argv[1], 'w'), fcntl.LOCK_EX); print('in')"
        other = subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "locks" / f"port-{known_host.PORT}")], stdout=subprocess.PIPE, text=True
        )
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(0.5)
    assert other.communicate(timeout=20)[0] == "in\n"


def test_wheels_come_from_where_pip_looks_for_them_and_only_builds_for_the_cpu(
    links: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    more = tmp_path / "more"
    more.mkdir()
    for name in (
        "demo-1.0+cpu-py3-none-any.whl",
        "demo-2.0+cpu-py3-none-any.whl",
        "demo-3.0-py3-none-any.whl",
        "demo-4.0+cu130-py3-none-any.whl",
    ):
        (more / name).touch()
    monkeypatch.setattr(pytorch_index, "pip_settings", lambda option: iter([f"\nfile://{more}\nhttps://example.invalid/x.html"]))
    found = [links / "demo-1.0+cpu-py3-none-any.whl", more / "demo-2.0+cpu-py3-none-any.whl"]
    assert pytorch_index._wheels() == found


# --- what it serves -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("accept", ["text/html", f"{SIMPLE_JSON}, text/html;q=0.1"])
def test_a_page_names_the_wheel_its_hash_its_metadata_and_its_time(served: Served, links: Path, accept: str):
    answer = served.get("/whl/cpu/demo/", accept)
    page = answer.read().decode()
    data = (links / "demo-1.0+cpu-py3-none-any.whl").read_bytes()
    assert (SIMPLE_JSON in answer.headers["Content-Type"]) == (SIMPLE_JSON in accept)
    for part in ("/whl/cpu/demo-1.0%2Bcpu-py3-none-any.whl", hashlib.sha256(data).hexdigest(), "core-metadata", UPLOADED):
        assert part in page


def test_the_wheel_and_its_metadata_are_there(served: Served, links: Path):
    assert served.get("/whl/cpu/demo-1.0%2Bcpu-py3-none-any.whl").read() == (links / "demo-1.0+cpu-py3-none-any.whl").read_bytes()
    assert b"Version: 1.0+cpu" in served.get("/whl/cpu/demo-1.0%2Bcpu-py3-none-any.whl.metadata").read()
    head = served.get("/whl/cpu/demo-1.0%2Bcpu-py3-none-any.whl", method="HEAD")
    assert (int(head.headers["Content-Length"]) > 100, head.read()) == (True, b"")


@pytest.mark.parametrize(
    "path", ["/whl/cpu/numpy/", "/whl/cpu/", "/", "/whl/cpu/../../etc/passwd", "/demo/x", "/demo-1.0%2Bcpu-py3-none-any.whl"]
)
def test_nothing_else_is_there(served: Served, path: str):
    assert served.get(path).status == 404


def test_a_client_that_never_speaks_holds_up_no_other(served: Served):
    with socket.create_connection(("127.0.0.1", served.port)):
        assert served.get("/whl/cpu/demo/").status == 200


def test_its_authority_vouches_for_its_name_only(served: Served, tmp_path: Path):
    with pytest.raises(ssl.SSLCertVerificationError):
        served.get("/whl/cpu/demo/", host="example.org")
    folder = tmp_path / "certificates"
    assert not (folder / "authority.key").exists()
    text = subprocess.run(
        ["openssl", "x509", "-noout", "-text"], input=(folder / "authority.pem").read_text(), capture_output=True, text=True
    )
    assert re.search(rf"Name Constraints: critical\s+Permitted:\s+DNS:{HOST}\n", text.stdout)


def test_pip_downloads_through_it(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """pip asks for the index's own name, as in a build; a proxy in between plays the part of the build's `--add-host`."""
    with _proxy_to(served.port) as proxy:
        variables = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "TMPDIR")}
        command = [sys.executable, "-m", "pip", "--isolated", "download", "--no-deps", "--no-cache-dir", "--dest", str(tmp_path / "got")]
        options = ["--index-url", f"https://{HOST}/whl/cpu", "--cert", str(tmp_path / "authority.pem"), "--proxy", proxy]
        done = subprocess.run([*command, *options, "demo==1.0+cpu"], env=variables, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [path.name for path in (tmp_path / "got").iterdir()] == ["demo-1.0+cpu-py3-none-any.whl"]


@contextmanager
def _proxy_to(port: int) -> Iterator[str]:
    """A proxy that leads every tunnel to one port of this machine."""
    listening = socket.create_server(("127.0.0.1", 0))

    def copy(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def serve() -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            asked = b""
            while b"\r\n\r\n" not in asked:
                asked += client.recv(1 << 16)
            server = socket.create_connection(("127.0.0.1", port))
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            for pair in ((client, server), (server, client)):
                threading.Thread(target=copy, args=pair, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    listening.close()
