"""The face of the project: `nox -l` lists every proof, `nox -t venv -k pip-tools` proves some, `nox -s tests` runs the tests.

Sessions run in the environment that nox runs in (made by `python3 start.py`); what a recipe needs, it installs into a fresh one of its own.
"""

import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nox
import nox.manifest

logging.getLogger("markdown_it").setLevel(logging.WARNING)  # nox turns every library's debugging on

from provenv import project  # noqa: E402
from provenv.errors import BadInput  # noqa: E402
from provenv.proof import required  # noqa: E402

ROOT = Path(__file__).parent
PYTHON = sys.executable
MKDOCS = {"NO_MKDOCS_2_WARNING": "1"}

nox.needs_version = ">=2025.10"
nox.options.default_venv_backend = "none"
nox.options.error_on_missing_interpreters = True
nox.options.sessions = ["lint", "tests"]


def keyword_match(expression: str, keywords: Iterable[str], original: Any = nox.manifest.keyword_match) -> Any:
    """Match `-k pip-tools` as a name; nox alone reads it as `pip` minus `tools`, which picks every pip recipe but that one."""
    words = re.sub(r"[A-Za-z][\w.-]*", lambda match: re.sub("[.-]", "_", match[0]), expression)
    return original(words, [re.sub("[.-]", "_", keyword) for keyword in keywords])


nox.manifest.keyword_match = keyword_match


def proofs(lane: str) -> list[Any]:
    """A parameter for each recipe and Python of a lane; none at all is an error, since nox would call that a success."""
    try:
        recipes = project.find(ROOT).recipes
    except BadInput as error:
        sys.exit(f"noxfile: {error}")
    keys = [key for recipe in recipes for key in required(recipe) if key.lane == lane]
    if not keys:
        sys.exit(f"noxfile: no recipe has a proof in the {lane} lane")
    pairs = dict.fromkeys((key.recipe, key.python) for key in keys)
    return [nox.param(recipe, python, id=f"{recipe}-{python}") for recipe, python in pairs]


def run(session: nox.Session, *arguments: str, **environment: str) -> None:
    """Run a module of this environment's Python; a session ends red when it does."""
    session.run(PYTHON, "-m", *arguments, external=True, env=environment)


@nox.session(tags=["venv"], default=False)
@nox.parametrize(["recipe", "interpreter"], proofs("venv"))
def venv(session: nox.Session, recipe: str, interpreter: str) -> None:
    """Prove one recipe in fresh virtual environments on one Python."""
    run(session, "provenv", "prove", recipe, "--lane", "venv", "--python", interpreter, *session.posargs)


@nox.session(tags=["conda"], default=False)
@nox.parametrize(["recipe", "interpreter"], proofs("conda"))
def conda(session: nox.Session, recipe: str, interpreter: str) -> None:
    """Prove one recipe in fresh conda environments, by this machine's conda or, where there is none, by py-rattler."""
    run(session, "provenv", "prove", recipe, "--lane", "conda", "--python", interpreter, *session.posargs)


@nox.session(tags=["container"], default=False)
@nox.parametrize(["recipe", "interpreter"], proofs("container"))
def container(session: nox.Session, recipe: str, interpreter: str) -> None:
    """Prove one recipe on this machine's container engine (`scripts/docker-engine up` gets one on Debian)."""
    run(session, "provenv", "prove", recipe, "--lane", "container", "--python", interpreter, *session.posargs)


@nox.session(default=False)
def engine(session: nox.Session) -> None:
    """Docker Engine from Debian's packages, on a machine without systemd, and what stands in for base images; `-- down` stops it."""
    session.run("scripts/docker-engine", *(session.posargs or ["up"]), external=True)
    if session.posargs in ([], ["up"]):
        run(session, "provenv", "stand-ins")


@nox.session(default=False)
def prove(session: nox.Session) -> None:
    """Prove every recipe of the venv lane, as many at a time as there are cores, and check that nothing is missing."""
    run(session, "provenv", "prove", "--lane", "venv", *session.posargs)
    run(session, "provenv", "status")


@nox.session(name="prove-conda", default=False)
def prove_conda(session: nox.Session) -> None:
    """Prove every recipe of the conda lane, as many at a time as there are cores, and check that nothing is missing."""
    run(session, "provenv", "prove", "--lane", "conda", *session.posargs)
    run(session, "provenv", "status")


@nox.session(name="prove-container", default=False)
def prove_container(session: nox.Session) -> None:
    """Prove every recipe of the container lane, one more at a time than there are cores, since builds wait; check that nothing is missing."""
    run(session, "provenv", "prove", "--lane", "container", "--jobs", str((os.cpu_count() or 1) + 1), *session.posargs)
    run(session, "provenv", "status")


@nox.session(default=False)
def nightly(session: nox.Session) -> None:
    """Prove every recipe at its freeze date, then with the index of today, and build the site with what came out."""
    frozen = subprocess.run([PYTHON, "-m", "provenv", "prove"], check=False).returncode
    today = subprocess.run([PYTHON, "-m", "provenv", "prove", "--as-of", "today"], check=False).returncode
    docs(session)
    if frozen or today:
        session.error(f"not everything is proven: exit code {frozen} at the freeze dates, {today} with the index of today")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests, without those that need a browser or a container engine, and those that follow traps without their fix."""
    run(session, "pytest", "-n", "2", "-m", "not browser and not container and not traps", *session.posargs)


@nox.session(default=False)
def browser(session: nox.Session) -> None:
    """Open the built pages in Chromium."""
    run(session, "pytest", "-m", "browser", *session.posargs)


@nox.session(name="tests-container", default=False)
def tests_container(session: nox.Session) -> None:
    """Run the tests that need a container engine: those that look at all that is on it one at a time, then the sabotages of the recipes."""
    sabotages = "tests/container/test_recipes.py"
    run(session, "pytest", "-m", "container", "--ignore", sabotages, *session.posargs)
    run(session, "pytest", "-n", "2", "-m", "container", sabotages, *session.posargs)


@nox.session(name="tests-traps", default=False)
def tests_traps(session: nox.Session) -> None:
    """Follow the mended scenario of every trap without its fix, and want it red."""
    run(session, "pytest", "-n", "2", "-m", "traps", "tests/traps", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and types."""
    run(session, "ruff", "check", ".")
    run(session, "ruff", "format", "--check", ".")
    run(session, "mypy")


@nox.session(default=False)
def docs(session: nox.Session) -> None:
    """Write the generated pages and build the site into site/; any warning is an error."""
    run(session, "provenv", "pages")
    run(session, "mkdocs", "build", "--strict", **MKDOCS)
    for source_map in (ROOT / "site" / "assets").rglob("*.map"):
        source_map.unlink()  # the theme's own, for its developers; they name addresses outside


@nox.session(default=False)
def serve(session: nox.Session) -> None:
    """Prove the recipes of the venv lane, then serve the site with their proofs until Ctrl-C."""
    proven = subprocess.run([PYTHON, "-m", "provenv", "prove", "--lane", "venv", *session.posargs], check=False).returncode
    run(session, "provenv", "pages")
    run(session, "mkdocs", "serve", "--strict", **MKDOCS)
    if proven:
        session.error("not everything was proven; the lines above the server's say what and why")


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure the engine side by side with its peers."""
    place = Path(session.create_tmp()).resolve() / "peers"
    session.run(PYTHON, "-m", "venv", "--clear", str(place), external=True)
    session.run(
        str(place / "bin" / "python"), "-m", "pip", "install", "-q", "--require-hashes", "-r", "requirements/bench.txt", external=True
    )
    session.run(PYTHON, "benchmarks/run.py", str(place), *session.posargs, external=True)


@nox.session(name="lock-conda", default=False)
def lock_conda(session: nox.Session) -> None:
    """Lock environment.yml, and those of the conda recipes, with conda-lock into .provenv/locks/ (a lock names its channel, so it is never committed)."""
    place = Path(session.create_tmp()).resolve() / "conda-lock"
    session.run(PYTHON, "-m", "venv", "--clear", str(place), external=True)
    install = ("-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps", "--require-hashes", "-r")
    session.run(str(place / "bin" / "python"), *install, "requirements/conda-lock.txt", external=True)
    run(session, "provenv.conda.lock", str(place / "bin" / "conda-lock"))


@nox.session(default=False)
def lock(session: nox.Session) -> None:
    """Resolve the requirements anew, with hashes, for every platform; `nox -s lock -- --upgrade` to move on purpose."""
    command = ("uv", "pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--quiet")
    run(
        session, *command, "pyproject.toml", "--extra", "conda", "--group", "dev", "--output-file", "requirements/dev.txt", *session.posargs
    )
    for apart in ("bench", "conda-lock"):  # tools whose requirements do not agree with the others'
        run(session, *command, "--group", apart, "--output-file", f"requirements/{apart}.txt", *session.posargs)
