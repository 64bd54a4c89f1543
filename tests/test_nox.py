"""The noxfile lists every proof, picks by name, and is never green for what did not run."""

import hashlib
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from provenv import project
from provenv.proof import required

ROOT = Path(__file__).parents[1]


def nox(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "nox", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def listed(*arguments: str) -> set[str]:
    lines = nox("--list", *arguments).stdout.splitlines()
    return {line.split()[1] for line in lines if line.startswith("* ")}


def test_nox_lists_every_recipe_and_python_of_the_lane() -> None:
    keys = [key for recipe in project.find(ROOT).recipes for key in required(recipe)]
    assert listed("-t", "venv") == {f"venv({key.recipe}-{key.python})" for key in keys if key.lane == "venv"}


def test_a_name_with_a_hyphen_picks_that_recipe_and_no_other() -> None:
    assert listed("-t", "venv", "-k", "inspect-environment") == {"venv(inspect-environment-3.11)", "venv(inspect-environment-3.13)"}


def test_names_can_be_combined() -> None:
    assert listed("-t", "venv", "-k", "inspect-environment and not inspect-environment-3.11") == {"venv(inspect-environment-3.13)"}


@pytest.mark.parametrize("arguments", [["-t", "venv", "-k", "no-such-recipe"], ["-t", "no-such-lane"], ["-s", "no-such-session"]])
def test_a_choice_of_nothing_is_red(arguments: list[str]) -> None:
    assert nox(*arguments).returncode != 0


def test_an_interpreter_that_is_not_there_is_red(tmp_path: Path) -> None:
    run = nox("-t", "venv", "-k", "pip-tools-3.11", "--", "--python", "3.99")
    assert run.returncode != 0


def test_a_request_to_end_ends_what_nox_runs(tmp_path: Path) -> None:
    shutil.copy(ROOT / "start.py", tmp_path)
    for name in ("pyproject.toml", "requirements"):
        (tmp_path / name).symlink_to(ROOT / name)
    environment = tmp_path / ".venv"
    environment.mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (environment / name).symlink_to(Path(sys.prefix) / name)
    locked = (ROOT / "requirements/dev.txt").read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    (environment / "locked-by").write_text(hashlib.sha256(locked).hexdigest())
    (tmp_path / "noxfile.py").write_text(
        "import nox\n\n@nox.session(python=False)\ndef waits(session):\n"
        "    session.run('bash', '-c', 'echo $$ > running; exec sleep 600', external=True)\n"
    )
    running = tmp_path / "running"
    with subprocess.Popen([sys.executable, "start.py", "waits"], cwd=tmp_path, stdout=subprocess.DEVNULL) as started:
        deadline = time.monotonic() + 60
        while not (running.is_file() and running.read_text().strip()):
            assert started.poll() is None and time.monotonic() < deadline, "the session did not begin"
            time.sleep(0.05)
        started.send_signal(signal.SIGTERM)
        assert started.wait(60) != 0
    assert not Path(f"/proc/{running.read_text().strip()}").exists()
