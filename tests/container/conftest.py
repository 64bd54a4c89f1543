"""Tests on the container engine of this machine; where there is none they fail, with the way to get one."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from conftest import matter
from provenv import engine, sandbox
from provenv.engine import BuildCache, Engine
from provenv.errors import NotRun

FRONT = {"lanes": "[container]", "pythons": '["3.13"]'}
BASE = "debian:trixie-slim"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.container)
            item.add_marker(pytest.mark.xdist_group("container"))


@pytest.fixture(scope="session")
def docker() -> Engine:
    """The engine of this machine."""
    try:
        return engine.find({"docker": "23.0"})
    except NotRun as reason:
        pytest.fail(f"these tests need an engine: {reason}")


@pytest.fixture
def caches(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The machine's own caches, so that stand-ins are made once."""
    return sandbox.cache_folder()


def state(docker: Engine) -> dict[str, list[str]]:
    """All that is on the engine, by kind, and the records of its build cache; the stand-ins aside."""
    images = docker.call("image", "ls", "-a", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}").splitlines()
    return {
        "images": sorted(line for line in images if not line.startswith("provenv-stand-in/")),
        "containers": sorted(docker.call("container", "ls", "-aq").split()),
        "volumes": sorted(docker.call("volume", "ls", "-q").split()),
        "networks": sorted(docker.call("network", "ls", "-q").split()),
        "cache": sorted(BuildCache(docker).records()),
    }


@pytest.fixture
def untouched(docker: Engine) -> Iterator[None]:
    """After a test the engine holds what it held before."""
    before = state(docker)
    yield
    assert state(docker) == before


def readme(body: str, **changes: str) -> str:
    """A container recipe's README."""
    return matter(**{**FRONT, **changes}) + body


@pytest.fixture
def own_daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Daemon"]:
    """An engine of the test's own, which may be killed or filled up."""
    daemon = Daemon(tmp_path_factory.mktemp("engine"))
    try:
        daemon.start()
        yield daemon
    finally:
        daemon.end()


class Daemon:
    """A second dockerd, with everything in a small file system of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.socket = folder, folder / "docker.sock"
        self.data = folder / "data"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, megabytes: int = 400) -> None:
        self.data.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", self.data], check=True)
        # A network of its own, since an engine without a bridge removes the one that another engine uses.
        command: list[str | Path] = [
            "unshare",
            "--net",
            "dockerd",
            "--host",
            f"unix://{self.socket}",
            "--data-root",
            self.data,
            "--exec-root",
            self.folder / "exec",
        ]
        command += ["--pidfile", self.folder / "pid", "--bridge", "none", "--iptables=false", "--ip6tables=false"]
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        environment = {**os.environ, "DOCKER_HOST": f"unix://{self.socket}"}
        for _ in range(120):
            if subprocess.run(["docker", "info"], env=environment, capture_output=True, check=False).returncode == 0:
                return
            time.sleep(0.25)
        pytest.fail((self.folder / "log").read_text()[-2000:])

    def kill(self) -> None:
        assert self.process is not None
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(self.process.pid).children(recursive=True):
                child.kill()
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()
        subprocess.run(["umount", "-l", self.data], check=False)
