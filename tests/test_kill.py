"""A run that is killed at any moment claims nothing that did not happen, and harms nothing that was there before."""

import json
import os
import random
import signal
import time
from typing import Any

import jsonschema
import pytest

from conftest import PYTHON, Place, alive, ended, matter, step
from provenv import sandbox
from provenv.ledger import json_schema

KILLS = 10
SEED = 20261122
ENDED = "../../../../ended-"
"""Where a scenario's last command leaves word of itself, outside of the sandbox and of all that the engine writes."""

GOOD = (
    matter(scenarios="{one: One, two: Two}")
    + "## One\n\n"
    + step(f"$ sleep 0.2; echo one\none\n$ touch {ENDED}good-one")
    + "## Two\n\n"
    + step(f"$ setsid -f sleep 1000\n$ sleep 0.3; echo two; touch {ENDED}good-two\ntwo", 'id="second"')
)
BAD = step(f"$ sleep 0.4; touch {ENDED}bad-main; echo seen\nexpected")
QUICK = step(f"$ echo quick; touch {ENDED}quick-main\nquick")


def truth(place: Place, slug: str) -> dict[str, Any]:
    """What is true of each scenario of a recipe: its steps with their numbers of commands, and whether it ends well."""
    recipe = next(each for each in place.project.recipes if each.slug == slug)
    return {each.name: ([(part.id, len(part.commands)) for part in each.steps], slug != "bad", recipe.content) for each in recipe.scenarios}


def assert_true(place: Place) -> None:
    """Every proof in the ledger is whole, and says of a scenario what really is, and only of one that ended."""
    for path in (place.root / "proofs").glob("*.json"):
        if path.name == "required.json":
            continue
        told = json.loads(path.read_text())
        jsonschema.validate(told, json_schema())
        for proof in told["proofs"]:
            steps, good, content = truth(place, path.stem)[proof["scenario"]]
            assert (place.root.parent / f"ended-{path.stem}-{proof['scenario']}").exists(), "a scenario is claimed that did not end"
            assert proof["content"] == content
            assert (proof["failure"] is None) == good
            assert [(each["id"], len(each["commands"])) for each in proof["steps"]] == steps
            assert (proof["python"], proof["interpreter"].startswith(PYTHON)) == (PYTHON, True)


@pytest.fixture
def victim(place: Place) -> Place:
    place.write("quick", QUICK)
    place.write("good", GOOD)
    place.write("bad", BAD)
    assert place.provenv("pin").code == 0
    return place


def test_a_run_that_is_killed_at_any_moment_claims_nothing_that_did_not_happen(victim: Place):
    moments = random.Random(SEED)
    marks: set[str] = set()
    begun = time.monotonic()
    assert victim.provenv("prove", "--jobs", "2").code == 1
    seconds = time.monotonic() - begun
    assert len(list(victim.root.parent.glob("ended-*"))) == 4
    for number in range(KILLS):
        if number % 3 == 0:  # begin with nothing proven, with some of it, with all of it
            for path in [*(victim.root / "proofs").glob("[!r]*.json"), *victim.root.parent.glob("ended-*")]:
                path.unlink()
        before = {path.name for path in (victim.root / "proofs").iterdir() if path.suffix == ".json"}
        process = victim.start("prove", "--jobs", "2")
        time.sleep(moments.uniform(0.1, 1.0) * seconds)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        marks |= {path.name for path in victim.sandboxes}
        assert before <= {path.name for path in (victim.root / "proofs").iterdir()}, "a file of the ledger is gone"
        assert_true(victim)
        here = victim.project
        assert here.ledger.holes(here.recipes) == []
        assert {each.outcome for each in here.ledger.standings(here.recipes, here.max_age) if each.key.recipe == "bad"} <= {
            "failed",
            "not run",
        }
    for root in victim.sandboxes:
        if not (root / "owner.json").exists():  # killed before it signed: spared for a minute, which we do not wait
            os.utime(root, (0, 0))
    victim.edit("bad", "expected", "seen")
    ran = ended(victim.start("prove"))
    assert ran.code == 0, ran.told
    assert victim.provenv("status").code == 0
    assert marks, "no kill met a scenario that was running"
    assert victim.sandboxes == []
    assert [mark for mark in marks if alive(mark)] == []
    assert not [path for path in (victim.root / "proofs").iterdir() if path.name.startswith(".")]
    assert list(victim.temporary.iterdir()) == []


def test_a_run_that_is_killed_leaves_the_next_one_free_to_run_at_once(victim: Place):
    process = victim.start("prove", "good")
    while not victim.sandboxes and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert victim.provenv("prove", "good").code == 0
    sandbox.sweep()


def test_a_run_that_is_killed_while_it_makes_an_interpreter_does_not_spoil_it(place: Place, tmp_path: Any):
    """Copies are made in a place of their own and take their name when they are whole."""
    place.write("quick", step("$ python -c 'import json, ssl, sqlite3; print(1)'\n1"))
    caches = tmp_path / "caches"
    moments = random.Random(SEED)
    for _ in range(3):
        process = place.start("prove", PROVENV_CACHE=str(caches))
        time.sleep(moments.uniform(0.3, 1.2))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    ran = place.provenv("prove", PROVENV_CACHE=str(caches))
    assert ran.code == 0, ran.told
