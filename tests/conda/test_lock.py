"""Which environment files are locked, with what, and what is said where one cannot be; a real lock is a session's business."""

from pathlib import Path

import pytest

from conda.conftest import FORGE, Own, readme
from conftest import Place, matter, step
from provenv.conda import channel, lock
from provenv.errors import NotRun
from provenv.lanes import conda

ENVIRONMENT = "dependencies: [demo]\n"


def test_the_files_are_the_projects_own_and_those_of_its_conda_recipes(place: Place):
    conda_readme, venv_readme = readme(step("$ true")), matter() + step("$ true")
    for slug, text in (("zeta", conda_readme), ("alpha", conda_readme), ("venv", venv_readme)):
        place.write(slug, text, **{"environment.yml": ENVIRONMENT})
    place.write("none", conda_readme)
    files = [path.relative_to(place.root).as_posix() for path in lock.environment_files(place.project)]
    assert files == ["recipes/alpha/environment.yml", "recipes/zeta/environment.yml"]
    (place.root / "environment.yml").write_text(ENVIRONMENT)
    assert [path.relative_to(place.root).as_posix() for path in lock.environment_files(place.project)] == ["environment.yml", *files]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "no message"),
        ("INFO: Locking\nLocking dependencies for ['linux-64']...\n", "no message"),
        ("Locking dependencies\nTraceback (most recent call last):\n  File x\nRuntimeError: it broke\nmore\n", "RuntimeError: it broke"),
        (
            "Could not lock the environment for platform linux-64\n\n    Command: x\nthe specs cannot be satisfied: no demo\n",
            "the specs cannot be satisfied: no demo",
        ),
    ],
)
def test_what_is_told_is_what_was_said_first(text: str, line: str):
    assert lock._first_line(text) == line


@pytest.fixture
def locker(tmp_path: Path, own: Own, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A conda-lock that writes down how it was called, makes the plan that the real one makes, and a lock of two packages."""
    monkeypatch.setenv(channel.GIVEN, own.address)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.delenv(conda.CHOICE, raising=False)
    path = tmp_path / "conda-lock"
    path.write_text(f"""#!/bin/sh
echo "$@" > {tmp_path}/called
while [ $# -gt 0 ]; do
  case "$1" in --conda) conda=$2;; --lockfile) target=$2;; --virtual-package-spec) cp "$2" {tmp_path}/spec;; esac
  shift
done
"$conda" create --prefix {tmp_path}/none --dry-run --json demo > {tmp_path}/plan || {{ echo "Could not lock" >&2; echo "no plan" >&2; exit 1; }}
echo "package: [1, 2]" > "$target"
""")
    path.chmod(0o755)
    return path


def test_a_stand_in_for_conda_is_what_conda_lock_calls(place: Place, locker: Path, tmp_path: Path):
    target = tmp_path / "locks/env.yml"
    (place.root / "environment.yml").write_text(ENVIRONMENT)
    assert lock.lock(place.root / "environment.yml", target, locker, place.caches) == 2
    called = (tmp_path / "called").read_text()
    assert f"--file {place.root}/environment.yml --lockfile {target} --platform linux-64 --virtual-package-spec" in called
    assert "rattler-conda" in called
    assert "osx" not in called  # which a stand-in channel does not have
    assert "__glibc" in (tmp_path / "spec").read_text()
    assert '"demo"' in (tmp_path / "plan").read_text()
    assert not (tmp_path / "none").exists()


def test_what_cannot_be_locked_is_one_sentence_and_no_lock(place: Place, locker: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(channel.GIVEN, f"http://127.0.0.1:1/{FORGE}")
    target = tmp_path / "env.yml"
    target.write_text("package: [1]\n")
    with pytest.raises(NotRun, match=r"^project/environment\.yml cannot be locked: rattler-conda: the channel does not answer"):
        lock.lock(place.root / "environment.yml", target, locker, place.caches)
    assert not target.exists()


def test_a_locker_that_does_nothing_is_not_believed(place: Place, tmp_path: Path, locker: Path):
    locker.write_text("#!/bin/sh\nexit 0\n")
    with pytest.raises(NotRun, match="cannot be locked: no message"):
        lock.lock(place.root / "environment.yml", tmp_path / "env.yml", locker, place.caches)
