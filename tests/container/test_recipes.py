"""Each measured claim of a container recipe has a check that can fail: one thing is broken on purpose, and its step goes red."""

import os
import shutil
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from conftest import Place
from provenv import project, recipe
from provenv.proof import required
from provenv.prove import Conditions, follow

ROOT = Path(__file__).parents[2]
SABOTAGES = sorted((Path(__file__).parent / "sabotages").glob("*.toml"))
PARTS = int(os.environ.get("PROVENV_SABOTAGE_PARTS", "1"))
"""In how many days all of them come round: CI breaks another part each day, the nightly run and whoever asks for nothing else breaks all."""
ALL = [(path.stem, each) for path in SABOTAGES for each in tomllib.loads(path.read_text())["sabotage"]]
CASES = ALL[date.today().toordinal() % PARTS :: PARTS]


@pytest.mark.parametrize(("slug", "sabotage"), CASES, ids=lambda value: value if isinstance(value, str) else value["name"])
def test_a_recipe_goes_red(place: Place, caches: Path, slug: str, sabotage: dict[str, Any]):
    folder = place.root / "recipes" / slug
    shutil.copytree(ROOT / "recipes" / slug, folder)
    target = folder / sabotage["file"]
    target.write_text(target.read_text().replace(sabotage["old"], sabotage["new"], 1))
    broken = recipe.load(folder)
    key = next(key for key in required(broken) if key.scenario == sabotage["scenario"])
    failure = follow(broken, key, Conditions(caches=caches)).proof.failure
    assert failure is not None, "the recipe is green without it"
    assert failure.step == sabotage["step"]


@pytest.mark.parametrize(("slug", "sabotage"), ALL, ids=lambda value: value if isinstance(value, str) else value["name"])
def test_the_text_to_break_is_there(slug: str, sabotage: dict[str, Any]):
    assert sabotage["old"] in (ROOT / "recipes" / slug / sabotage["file"]).read_text()
    assert any(sabotage["step"] == step.id for step in project.find(ROOT).recipe(slug).steps)


def test_every_container_recipe_is_broken_on_purpose():
    recipes = {each.slug for each in project.find(ROOT).recipes if "container" in each.matter.lanes}
    assert recipes == {path.stem for path in SABOTAGES}
