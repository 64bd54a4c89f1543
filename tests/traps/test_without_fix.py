"""Each trap's mended scenario has a check that fails without the fix: the step `fix` is left out, and it goes red."""

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from provenv import project, sandbox
from provenv.proof import required
from provenv.prove import Conditions, follow
from provenv.recipe import Recipe

pytestmark = pytest.mark.traps
ROOT = Path(__file__).parents[2]
PARTS = int(os.environ.get("PROVENV_TRAP_PARTS", "1"))
"""In how many days all of them come round: CI takes another part each day, whoever asks for nothing else all."""
TRAPS = [each for each in project.find(ROOT).recipes if each.matter.id and "container" not in each.matter.lanes]
"""Those in containers have sabotages of their own (`tests/container/sabotages`)."""


def without_fix(trap: Recipe) -> Recipe:
    return replace(
        trap,
        scenarios=tuple(
            replace(scenario, steps=tuple(step for step in scenario.steps if (scenario.name, step.id) != ("fixed", "fix")))
            for scenario in trap.scenarios
        ),
    )


@pytest.mark.parametrize("trap", TRAPS[date.today().toordinal() % PARTS :: PARTS], ids=lambda trap: trap.slug)
def test_the_mended_scenario_is_red_without_the_fix(trap: Recipe):
    key = next(key for key in required(trap) if key.scenario == "fixed")
    run = follow(without_fix(trap), key, Conditions(caches=sandbox.cache_folder()))
    assert run.proof.failure is not None, "it is green without its fix"
    assert run.proof.failure.step is not None, run.proof.failure.sentence


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.slug)
def test_there_is_a_step_that_applies_the_fix_and_one_after_it(trap: Recipe):
    steps = [step.id for scenario in trap.scenarios if scenario.name == "fixed" for step in scenario.steps]
    assert "fix" in steps[:-1]
