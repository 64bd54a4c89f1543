"""The script that sets an engine up."""

import subprocess
from pathlib import Path

import pytest

from conftest import Ran
from provenv.engine import Engine

SCRIPT = Path(__file__).parents[2] / "scripts" / "docker-engine"


def call(*arguments: str, **variables: str) -> Ran:
    done = subprocess.run(
        [SCRIPT, *arguments],
        env={"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def packages() -> str:
    return subprocess.run(["dpkg-query", "-W"], capture_output=True, text=True, check=True).stdout


def test_a_second_call_changes_nothing(docker: Engine):
    before = (packages(), docker.call("info", "--format", "{{.ID}}"))
    for _ in range(2):
        assert call("up") == Ran(0, f"docker-engine: {docker} answers\n", "")
    assert (packages(), docker.call("info", "--format", "{{.ID}}")) == before


@pytest.mark.usefixtures("docker")
def test_an_engine_that_something_else_started_is_left_alone(tmp_path: Path):
    assert call("down", PROVENV_ENGINE_STATE=str(tmp_path)).out == "docker-engine: no engine of mine runs\n"
    assert call("status").code == 0


def test_no_engine_is_told(tmp_path: Path):
    assert call("status", DOCKER_HOST=f"unix://{tmp_path}/none") == Ran(1, "docker-engine: no engine answers\n", "")


@pytest.mark.parametrize("arguments", [(), ("start",)])
def test_an_unknown_word_is_refused(arguments: tuple[str, ...]):
    assert call(*arguments) == Ran(2, "", "docker-engine: say what to do: docker-engine up, down or status\n")
