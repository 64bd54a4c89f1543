"""No recipe of this project waits for a release of today to turn red: pip is upgraded before it installs anything that has dependencies."""

import re
from pathlib import Path

import pytest

from provenv import recipe

RECIPES = sorted(path.parent for path in (Path(__file__).parents[1] / "recipes").glob("*/README.md"))
UPGRADE = re.compile(r"\bpip3? install\b.*\spip(?:==\S+)?(?=\s|$)")


def beside_pip(command: str) -> list[str]:
    """What a command that upgrades pip installs beside it. The old pip ignores the freeze date; of uv alone it brings nothing else along."""
    if not UPGRADE.search(command):
        return []
    named = re.split(r"\bpip3? install\b", command)[-1].split()
    return [each for each in named if not each.startswith("-") and not re.match(r"(?:pip|uv)(?:==|$)", each)]


def test_a_command_is_known_that_upgrades_pip_and_installs_more():
    assert beside_pip("python -m pip install --quiet pip==26.2 pip-tools==7.6.2") == ["pip-tools==7.6.2"]
    assert not beside_pip("~/tools/bin/python -m pip install --quiet --upgrade pip==26.2 uv==0.13.8")
    assert not beside_pip("pip install pip-tools==7.6.2")


@pytest.mark.parametrize("folder", RECIPES, ids=lambda folder: folder.name)
def test_pip_is_upgraded_by_a_command_of_its_own(folder: Path):
    assert not [command.text for step in recipe.load(folder).steps for command in step.commands if beside_pip(command.text)]
