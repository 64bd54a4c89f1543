"""Channels of made-up packages on this machine, and `rattler-conda` as a reader's shell or the lane starts it."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from conftest import Ran, ended, matter
from provenv import sandbox
from provenv.conda import channel, package, server, stand_in
from provenv.conda.package import Content, Package

FORGE, TINY = stand_in.FORGE, stand_in.TINY
FRONT = {"lanes": "[conda]", "pythons": '["3.11"]'}
RELEASED = datetime(2026, 1, 1, tzinfo=UTC)
"""Time at which a made-up package was built, unless a test says another one."""


def readme(body: str, **changes: str) -> str:
    """A conda recipe's README."""
    return matter(**{**FRONT, **changes}) + body


# --- channels ---------------------------------------------------------------------------------------------------------------


class _Handler(server._Handler):
    """Serves like a channel's server, and does what a test wants of it before."""

    server: "Served"

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.path.endswith(".conda") and any(name in self.path for name in self.server.held):
            self.server.waiting.set()
            self.server.go.wait(60)
        super().do_GET()

    do_HEAD = do_GET


class Served(server.Server):
    """A server that can keep a client waiting."""

    def __init__(self, folder: Path) -> None:
        ThreadingHTTPServer.__init__(self, ("127.0.0.1", 0), _Handler)
        self.folder = folder.resolve()
        self.asked: list[str] = []
        self.held: list[str] = []
        """Names of packages whose files are held back until `go` is set."""
        self.waiting, self.go = threading.Event(), threading.Event()


@dataclass
class Own:
    """A channel of a test's own."""

    folder: Path
    server: Served
    records: list[dict[str, Any]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/{FORGE}"

    def add(
        self,
        name: str,
        version: str = "1.0",
        depends: Sequence[str] = (),
        files: Mapping[str, Content] | None = None,
        build: str = "0",
        subdir: str = "noarch",
        noarch: str = "generic",
        released: datetime = RELEASED,
        **more: Any,
    ) -> Path:
        """Put a package on the channel; gives its file."""
        files = {f"share/{name}.txt": Content(f"{name} {version}\n".encode())} if files is None else files
        made = Package(name, version, build, subdir, released, files, depends, noarch="" if subdir != "noarch" else noarch, **more)
        self.records.append(package.write(made, self.folder / FORGE))
        package.write_index(self.folder / FORGE, self.records, stand_in.SUBDIRS)
        return self.folder / FORGE / subdir / f"{made.stem}.conda"

    def add_python(self, version: str) -> None:
        """A package that is called python, and is a shell script."""
        script = Content(f'#!/bin/sh\necho "Python {version}"\n'.encode(), executable=True)
        minor = ".".join(version.split(".")[:2])
        self.add("python", version, files={f"bin/python{minor}": script, "bin/python": Content(link=f"python{minor}")}, subdir="linux-64")

    def file(self, stem: str) -> Path:
        """The file of a package."""
        (found,) = (self.folder / FORGE).glob(f"*/{stem}.conda")
        return found

    def asked(self, text: str) -> int:
        """How often a file was asked for."""
        return sum(text in path for path in self.server.asked)


@contextmanager
def serving(folder: Path) -> Iterator[Own]:
    """A channel with two Pythons that are none, and the package `demo`, which needs `words`."""
    served = Served(folder)
    made = Own(folder, served)
    for version in ("3.11.9", "3.12.4"):
        made.add_python(version)
    made.add("words", "1.0")
    made.add("words", "2.0")
    made.add("demo", "1.0", ["words <2"])
    made.add("demo", "2.0", ["words >=2"])
    threading.Thread(target=served.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield made
    finally:
        served.go.set()
        served.shutdown()
        served.server_close()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Own]:
    """A channel that is the test's own."""
    with serving(tmp_path / "channel") as made:
        yield made


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of the channel `tiny`."""
    return f"{server.address(stand_in.tiny(tmp_path_factory.mktemp('tiny')))}/{TINY}"


@pytest.fixture(scope="session")
def forge() -> Path:
    """Folder of the stand-in channel, in the machine's own caches, so that it is made once."""
    return stand_in.folder(sandbox.cache_folder())


@pytest.fixture
def unreached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Conda-forge is not asked for, and not reached."""
    monkeypatch.setattr(channel, "_answers", lambda: False)
    monkeypatch.delenv(channel.GIVEN, raising=False)


# --- the command --------------------------------------------------------------------------------------------------------------


def _listen_to_signals() -> None:
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@dataclass
class Rattler:
    """`rattler-conda` in a folder, led to channels as the lane does it."""

    folder: Path
    state: dict[str, Any]

    def start(self, *arguments: str | Path, **variables: str) -> "subprocess.Popen[str]":
        """Start a command."""
        (self.folder / "state.json").write_text(json.dumps(self.state))
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CONDA", "RATTLER"))}
        return subprocess.Popen(
            [sys.executable, "-I", "-m", "provenv.conda.program", *arguments],
            cwd=self.folder,
            env={**kept, "RATTLER_CONDA_STATE": str(self.folder / "state.json"), "NO_PROXY": "127.0.0.1", **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=_listen_to_signals,
            start_new_session=True,
        )

    def __call__(self, *arguments: str | Path, **variables: str) -> Ran:
        """Run a command to its end; whatever it says, it is no traceback."""
        process = self.start(*arguments, **variables)
        try:
            return ended(process)
        except subprocess.TimeoutExpired:
            process.kill()
            raise

    def good(self, *arguments: str | Path, **variables: str) -> str:
        """What a command prints that must end well."""
        ran = self(*arguments, **variables)
        assert ran.code == 0, ran.told
        return ran.out

    def bad(self, *arguments: str | Path, code: int = 1, **variables: str) -> str:
        """What a command says that must not end well: one sentence that begins with its name."""
        ran = self(*arguments, **variables)
        assert ran.code == code, ran.told
        assert ran.err.startswith("rattler-conda: "), ran.err
        return ran.err

    def listed(self, name: str = "env") -> list[str]:
        """The packages of a prefix, as `name version`."""
        return [" ".join(line.split()[:2]) for line in self.good("list", "--prefix", name).splitlines()]


@pytest.fixture
def rattler(tmp_path: Path, own: Own, tiny: str) -> Rattler:
    """The command in an empty folder, whose `conda-forge` is the test's own channel."""
    folder = tmp_path / "work"
    folder.mkdir()
    addresses = {FORGE: own.address, TINY: tiny}
    return Rattler(folder, {"addresses": addresses, "cache": str(tmp_path / "rattler"), "newest": "", "pinned": []})
