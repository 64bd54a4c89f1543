"""Each measured claim of a container recipe has a check that can fail: one thing is broken on purpose, and its step goes red."""

import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from conftest import Place
from provenv import project, recipe
from provenv.proof import required
from provenv.prove import Conditions, follow

ROOT = Path(__file__).parents[2]
SABOTAGES = sorted((Path(__file__).parent / "sabotages").glob("*.toml"))
CASES = [(path.stem, each) for path in SABOTAGES for each in tomllib.loads(path.read_text())["sabotage"]]


@pytest.mark.parametrize(("slug", "sabotage"), CASES, ids=lambda value: value if isinstance(value, str) else value["name"])
def test_a_recipe_goes_red(place: Place, caches: Path, slug: str, sabotage: dict[str, Any]):
    folder = place.root / "recipes" / slug
    shutil.copytree(ROOT / "recipes" / slug, folder)
    target = folder / sabotage["file"]
    text = target.read_text()
    assert text.count(sabotage["old"]) >= 1, "the text to break is not there any more"
    target.write_text(text.replace(sabotage["old"], sabotage["new"], 1))
    broken = recipe.load(folder)
    key = next(key for key in required(broken) if key.scenario == sabotage["scenario"])
    failure = follow(broken, key, Conditions(caches=caches)).proof.failure
    assert failure is not None, "the recipe is green without it"
    assert failure.step == sabotage["step"]


def test_every_container_recipe_is_broken_on_purpose():
    recipes = {each.slug for each in project.find(ROOT).recipes if "container" in each.matter.lanes}
    assert recipes == {path.stem for path in SABOTAGES}
