"""Every Dockerfile of a recipe passes hadolint and our own checks, but for those that are wrong on purpose."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from provenv.dockerfile.checks import RECIPES, check

ROOT = Path(__file__).parents[1]
HADOLINT = Path(sys.executable).with_name("hadolint")

WRONG = {
    "compilers-left-in/broken.Dockerfile": {"PVD006", "DL3009"},
    "compilers-left-in/deleted-later.Dockerfile": {"PVD002", "PVD006", "DL3009"},
    "copy-before-install/broken.Dockerfile": {"PVD005"},
    "docker-gpu/Dockerfile.cuda-base": {"PVD004"},
    "docker-multi-stage/Dockerfile.copied": {"PVD001", "PVD002"},
    "docker-private-index/leaky.Dockerfile": {"PVD007"},
    "secret-in-a-layer/arg.Dockerfile": {"PVD007"},
    "secret-in-a-layer/copied.Dockerfile": {"PVD007"},
    "shell-form-signals/broken.Dockerfile": {"DL3025"},
    "stage-without-requirements/broken.Dockerfile": {"PVD001"},
}
"""Dockerfiles that a recipe shows because they are wrong, and all that must be found in them."""


def dockerfiles() -> list[str]:
    found = [path for pattern in ("Dockerfile", "Dockerfile.*", "*.Dockerfile") for path in (ROOT / "recipes").rglob(pattern)]
    return sorted(path.relative_to(ROOT / "recipes").as_posix() for path in found if path.suffix != ".dockerignore")


def linted(path: Path) -> list[str]:
    """What hadolint finds, as `CODE (line): message`; it tells by its exit code too whether that is anything."""
    command = [HADOLINT, "--no-color", "--config", ROOT / ".hadolint.yaml", "--format", "json", path]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    found = [f"{each['code']} (line {each['line']}): {each['message']}" for each in json.loads(ran.stdout)]
    assert ran.returncode == (1 if found else 0), ran.stderr
    return found


def found(path: Path) -> list[str]:
    own = [f"{each.code} (line {each.line}): {each.sentence}" for each in check(path.read_text("utf-8"), path.parent)]
    return sorted([*linted(path), *own])


@pytest.mark.parametrize("name", dockerfiles())
def test_a_dockerfile_is_right_or_wrong_in_the_way_that_it_shows(name: str):
    seen = found(ROOT / "recipes" / name)
    assert {each.split()[0] for each in seen} == WRONG.get(name, set()), "\n".join(seen)


def test_no_exemption_outlives_its_dockerfile():
    assert set(WRONG) <= set(dockerfiles())


def test_hadolint_and_our_checks_see_what_is_wrong(tmp_path: Path):
    path = tmp_path / "Dockerfile"
    path.write_text("FROM python\nWORKDIR app\nRUN pip install --no-cache-dir -r requirements.txt\n")
    assert {each.split()[0] for each in found(path)} == {"DL3006", "DL3000", "PVD001"}
    path.write_text("FROM\n")
    assert {each.split()[0] for each in found(path)} == {"DL1000"}


def test_what_is_ignored_is_ignored_for_a_reason(tmp_path: Path):
    lines = (ROOT / ".hadolint.yaml").read_text().splitlines()
    rules = [number for number, line in enumerate(lines) if line.startswith("  - ")]
    assert rules and all(lines[number - 1].startswith("  # ") for number in rules)
    path = tmp_path / "Dockerfile"
    path.write_text(
        "FROM debian:13\nRUN apt-get update && apt-get install -y --no-install-recommends g++ && rm -rf /var/lib/apt/lists/*\nRUN true\n"
    )
    assert linted(path) == []


def test_every_finding_names_a_recipe_that_is_there():
    there = {path.parent.name for path in (ROOT / "recipes").glob("*/README.md")}
    assert set(RECIPES) - there == set()
