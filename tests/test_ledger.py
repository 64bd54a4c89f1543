"""The ledger holds what ran, knows what is missing, and is never half written."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from conftest import AS_OF, Place, matter, step
from provenv import ledger
from provenv.errors import BadInput
from provenv.ledger import Ledger, Standing, json_schema, standing
from provenv.proof import TODAY, CommandProof, Environment, Failure, Key, Package, Platform, Proof, StepProof, required
from provenv.recipe import Recipe

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MONTH = timedelta(days=30)
TWO = (
    matter(scenarios="{one: One, two: Two}", pythons='["3.11", "3.13"]')
    + "## One\n\n"
    + step("$ true")
    + "## Two\n\n"
    + step("$ true\n$ false", 'id="second"')
)


def proof_of(recipe: Recipe, key: Key, **changes: Any) -> Proof:
    """The proof of a run of a key that went well."""
    steps = next(each.steps for each in recipe.scenarios if each.name == key.scenario)
    made = Proof(
        scenario=key.scenario,
        lane=key.lane,
        python=key.python,
        as_of=key.as_of,
        content=recipe.content,
        ran_at=NOW,
        seconds=1.5,
        interpreter=f"{key.python}.0",
        platform=Platform("Linux", "x86_64", "glibc 2.36"),
        steps=[StepProof(each.id, [CommandProof(0, 0.1) for _ in each.commands], "sha256:0") for each in steps],
        environments=[Environment("~/.venv", [Package("demo", "1.0")])],
    )
    return msgspec.structs.replace(made, **changes)


@pytest.fixture
def book(place: Place) -> Ledger:
    return place.project.ledger


@pytest.fixture
def recipe(place: Place) -> Recipe:
    return place.recipe("hello", TWO)


# --- records ----------------------------------------------------------------------------------------------------------------


def test_what_is_recorded_is_read_back(book: Ledger, recipe: Recipe):
    for key in required(recipe):
        proof = proof_of(recipe, key)
        book.record(recipe, proof)
        assert book.find(key) == proof
    assert len(book.proofs("hello")) == 4


def test_a_ledger_without_the_file_has_no_proof(book: Ledger, recipe: Recipe):
    assert book.proofs("hello") == []
    assert book.find(required(recipe)[0]) is None


def test_a_proof_takes_the_place_of_the_one_before(book: Ledger, recipe: Recipe):
    key = required(recipe)[0]
    book.record(recipe, proof_of(recipe, key))
    worse = proof_of(recipe, key, failure=Failure("It broke.", "first", 3))
    book.record(recipe, worse)
    assert book.proofs("hello") == [worse]


def test_today_stands_beside_the_frozen_date(book: Ledger, recipe: Recipe):
    key = required(recipe)[0]
    book.record(recipe, proof_of(recipe, key))
    book.record(recipe, proof_of(recipe, key._replace(as_of=TODAY)))
    assert [each.as_of for each in book.proofs("hello")] == [AS_OF, TODAY]


def test_proofs_of_what_the_recipe_no_longer_has_are_dropped(book: Ledger, recipe: Recipe):
    keys = required(recipe)
    for key in keys:
        book.record(recipe, proof_of(recipe, key))
    other = keys[0]._replace(as_of="2026-01-01")
    book.record(recipe, proof_of(recipe, other))
    assert other in {ledger.key_of("hello", each) for each in book.proofs("hello")}
    book.record(recipe, proof_of(recipe, keys[0]))
    assert [ledger.key_of("hello", each) for each in book.proofs("hello")] == sorted(keys)


def test_the_order_of_the_file_does_not_depend_on_the_order_of_the_runs(book: Ledger, recipe: Recipe, place: Place):
    keys = required(recipe)
    file = place.root / "proofs" / "hello.json"
    for key in keys:
        book.record(recipe, proof_of(recipe, key))
    before = file.read_bytes()
    for key in reversed(keys):
        book.record(recipe, proof_of(recipe, key))
    assert file.read_bytes() == before
    assert before.endswith(b"}\n")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"schema": 2, "recipe": "hello", "proofs": []}',
        b'{"schema": 1, "recipe": "hello"}',
        b'{"schema": 1, "recipe": "hello", "proofs": [{}]}',
        b'{"schema": 1, "recipe": "hello", "proofs": [], "more": 1}',
        b'{"schema": 1, "recipe": "other", "proofs": []}',
    ],
)
def test_a_file_that_cannot_be_read_is_refused_and_not_overwritten(book: Ledger, recipe: Recipe, place: Place, content: bytes):
    file = place.root / "proofs" / "hello.json"
    file.parent.mkdir()
    file.write_bytes(content)
    for action in (lambda: book.proofs("hello"), lambda: book.record(recipe, proof_of(recipe, required(recipe)[0]))):
        with pytest.raises(BadInput) as caught:
            action()
        assert str(caught.value).startswith(f"{file}: ")
    assert file.read_bytes() == content


@pytest.mark.parametrize("content", [None, b"", b"{", b'{"schema": 2, "recipes": {}}', b'{"schema": 1, "recipes": {"hello": {}}}'])
def test_a_pinned_list_that_is_missing_or_cannot_be_read_is_refused(book: Ledger, recipe: Recipe, place: Place, content: bytes | None):
    file = place.root / "proofs" / "required.json"
    file.parent.mkdir()
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        book.holes([recipe])
    assert str(caught.value).startswith(f"{file}: ")


def test_a_real_file_fits_the_published_schema(book: Ledger, recipe: Recipe, place: Place):
    keys = required(recipe)
    book.record(recipe, proof_of(recipe, keys[0]))
    book.record(
        recipe,
        proof_of(
            recipe,
            keys[1],
            failure=Failure("It broke."),
            stand_ins=["x"],
            steps=[StepProof("first", [CommandProof(None, 0.1)], "sha256:0")],
        ),
    )
    validator = jsonschema.Draft202012Validator(json_schema())
    validator.check_schema(json_schema())
    told = json.loads((place.root / "proofs" / "hello.json").read_text())
    validator.validate(told)
    assert json_schema()["title"]
    assert told["schema"] == ledger.SCHEMA


@pytest.mark.parametrize(
    "break_it",
    [
        lambda told: told.pop("schema"),
        lambda told: told.update(schema=2),
        lambda told: told.update(x=1),
        lambda told: told["proofs"][0].pop("content"),
        lambda told: told["proofs"][0].update(steps="x"),
    ],
)
def test_what_is_no_ledger_file_does_not_fit_the_published_schema(
    book: Ledger, recipe: Recipe, place: Place, break_it: Callable[[dict[str, Any]], object]
):
    book.record(recipe, proof_of(recipe, required(recipe)[0]))
    told = json.loads((place.root / "proofs" / "hello.json").read_text())
    break_it(told)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(told, json_schema())


# --- never half ---------------------------------------------------------------------------------------------------------------


def test_a_file_is_replaced_as_a_whole_with_ordinary_rights(tmp_path: Path):
    file = tmp_path / "deep" / "file.json"
    ledger.replace(file, b"one")
    inode = file.stat().st_ino
    ledger.replace(file, b"two")
    assert file.read_bytes() == b"two"
    assert file.stat().st_ino != inode
    assert file.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in file.parent.iterdir()] == ["file.json"]


@pytest.mark.parametrize("broken", ["fsync", "replace", "chmod"])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str):
    file = tmp_path / "file.json"
    file.write_bytes(b"old")

    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, broken, refuse)
    with pytest.raises(OSError, match="No space"):
        ledger.replace(file, b"new")
    monkeypatch.undo()
    assert file.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["file.json"]


def test_what_a_killed_writer_left_is_removed_by_the_next(book: Ledger, recipe: Recipe, place: Place):
    folder = place.root / "proofs"
    folder.mkdir()
    (folder / ".hello.json.abc123").write_text("{")
    (folder / "notes.txt").write_text("mine")
    book.record(recipe, proof_of(recipe, required(recipe)[0]))
    assert sorted(path.name for path in folder.iterdir()) == ["hello.json", "notes.txt"]


RECORDS = """
import sys
from datetime import timedelta
from pathlib import Path
import msgspec
from provenv import project
from provenv.proof import Proof, required
here = project.find(Path.cwd())
recipe = here.recipes[0]
template = msgspec.json.decode(sys.argv[2].encode(), type=Proof)
key = required(recipe)[int(sys.argv[1])]
for number in range(20):
    ran_at = template.ran_at + timedelta(seconds=number)
    here.ledger.record(recipe, msgspec.structs.replace(template, scenario=key.scenario, python=key.python, ran_at=ran_at))
"""


def test_writers_at_the_same_time_lose_nothing_and_readers_see_whole_files(book: Ledger, recipe: Recipe, place: Place):
    template = msgspec.json.encode(proof_of(recipe, required(recipe)[0])).decode()
    writers = [subprocess.Popen([sys.executable, "-c", RECORDS, str(number), template], cwd=place.root) for number in range(4)]
    reads = 0
    while any(writer.poll() is None for writer in writers):
        book.proofs("hello")
        reads += 1
    assert [writer.returncode for writer in writers] == [0] * 4
    assert reads
    assert {ledger.key_of("hello", each) for each in book.proofs("hello")} == set(required(recipe))
    assert {each.ran_at for each in book.proofs("hello")} == {NOW + timedelta(seconds=19)}
    assert [path.name for path in (place.root / "proofs").iterdir()] == ["hello.json"]


# --- how a proof stands ---------------------------------------------------------------------------------------------------------


def stand(recipe: Recipe, proof: Proof | None, now: datetime = NOW) -> Standing:
    key = next(each for each in required(recipe) if each.scenario == "two")
    return standing(recipe, key, proof, MONTH, now)


@pytest.fixture
def good(recipe: Recipe) -> Proof:
    """A proof of the scenario that has one step with two commands."""
    return proof_of(recipe, next(each for each in required(recipe) if each.scenario == "two"))


def test_a_whole_fresh_proof_of_the_recipe_as_it_is_is_proven(recipe: Recipe, good: Proof):
    assert (stand(recipe, good).outcome, stand(recipe, good).reason) == ("proven", "")


def test_no_proof_is_not_run(recipe: Recipe):
    assert stand(recipe, None).outcome == "not run"


def test_a_proof_of_other_content_is_stale(recipe: Recipe, good: Proof):
    assert "changed since" in stand(recipe, msgspec.structs.replace(good, content="sha256:0")).reason
    assert stand(recipe, msgspec.structs.replace(good, content="sha256:0")).outcome == "stale"


def test_a_failure_is_failed_and_names_its_place(recipe: Recipe, good: Proof):
    got = stand(recipe, msgspec.structs.replace(good, failure=Failure("It broke.", "second", 17)))
    assert (got.outcome, got.reason) == ("failed", "It broke. (recipes/hello/README.md:17)")


@pytest.mark.parametrize(
    ("days", "outcome"),
    [(0, "proven"), (29, "proven"), (30, "proven"), (30.01, "stale"), (400, "stale"), (-0.5, "proven"), (-1.5, "stale"), (-400, "stale")],
)
def test_a_proof_ages(recipe: Recipe, good: Proof, days: float, outcome: str):
    got = stand(recipe, good, NOW + timedelta(days=days))
    assert got.outcome == outcome
    if days == 400:
        assert got.reason == "its proof is 400 days old (at most 30)"


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [StepProof("second", [], "x")],
        [StepProof("second", [CommandProof(0, 1)], "x")],
        [StepProof("second", [CommandProof(0, 1)] * 3, "x")],
        [StepProof("other", [CommandProof(0, 1)] * 2, "x")],
        [StepProof("second", [CommandProof(0, 1)] * 2, "x")] * 2,
    ],
)
def test_a_proof_that_does_not_cover_every_command_is_stale(recipe: Recipe, good: Proof, steps: list[StepProof]):
    assert stand(recipe, msgspec.structs.replace(good, steps=steps)).outcome == "stale"


def test_every_proof_that_must_exist_stands_somewhere(book: Ledger, recipe: Recipe, place: Place):
    key = required(recipe)[0]
    book.record(recipe, proof_of(recipe, key))
    got = list(book.standings([recipe], MONTH, NOW))
    assert [each.key for each in got] == required(recipe)
    assert [each.outcome for each in got] == ["proven", "not run", "not run", "not run"]


def test_a_proof_of_today_does_not_stand_for_the_frozen_one(book: Ledger, recipe: Recipe):
    book.record(recipe, proof_of(recipe, required(recipe)[0]._replace(as_of=TODAY)))
    assert {each.outcome for each in book.standings([recipe], MONTH, NOW)} == {"not run"}


# --- holes ------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def pinned(book: Ledger, place: Place, recipe: Recipe) -> Place:
    """A project with two recipes that is pinned as it is."""
    place.write("other", step("$ true"))
    book.pin(place.project.recipes)
    assert holes(place) == []
    return place


def holes(place: Place) -> list[str]:
    here = place.project
    return here.ledger.holes(here.recipes)


@pytest.mark.parametrize(
    ("old", "new", "hole"),
    [
        ('id="second"', 'id="renamed"', "the step `second` of the scenario `two` is pinned but gone"),
        ('id="second"', 'id="renamed"', "the step `renamed` of the scenario `two` is not pinned"),
        ("one: One", "uno: One", "the step `first` of the scenario `one` is pinned but gone"),
        ("[venv]", "[conda]", "the lane venv is pinned but gone"),
        ("[venv]", "[venv, conda]", "the lane conda is not pinned"),
        ('"3.11", "3.13"', '"3.13"', "the Python 3.11 is pinned but gone"),
        ('"3.11", "3.13"', '"3.11", "3.12", "3.13"', "the Python 3.12 is not pinned"),
        (AS_OF, "2026-01-01", f"the freeze date is pinned to {AS_OF} but is 2026-01-01"),
        ("```\n\n## Two", "```\n\n" + step("$ x", 'id="more"') + "## Two", "the step `more` of the scenario `one` is not pinned"),
    ],
)
def test_every_difference_from_the_pinned_list_is_a_hole(pinned: Place, old: str, new: str, hole: str):
    pinned.edit("hello", old, new)
    assert [each for each in holes(pinned) if f"hello: {hole}" in each]


def test_a_step_that_moved_to_another_scenario_is_a_hole(pinned: Place):
    pinned.edit("hello", "## Two\n\n", "")
    pinned.edit("hello", "$ false\n```\n\n", "$ false\n```\n\n## Two\n\n" + step("$ true", 'id="third"'))
    assert len(holes(pinned)) == 3


def test_another_order_of_steps_is_a_hole(pinned: Place):
    text = pinned.readme("other").read_text()
    pinned.readme("other").write_text(text + step("$ true", 'id="last"'))
    pinned.project.ledger.pin(pinned.project.recipes)
    pinned.readme("other").write_text(matter() + step("$ true", 'id="last"') + step("$ true"))
    assert holes(pinned) == [
        "other: the steps of the scenario `main` stand in another order than pinned; restore it, or run `provenv pin` if this is meant"
    ]


def test_a_recipe_that_is_gone_or_new_is_a_hole(pinned: Place):
    (pinned.root / "recipes" / "other").rename(pinned.root / "recipes" / "renamed")
    assert holes(pinned) == [
        "the recipe `other` is pinned but gone; restore recipes/other/README.md",
        "the recipe `renamed` is not pinned; run `provenv pin`",
    ]


def test_proofs_that_belong_to_no_recipe_are_a_hole(pinned: Place):
    (pinned.root / "proofs" / "gone.json").write_text("{}")
    assert holes(pinned) == ["proofs/gone.json belongs to no recipe; delete it"]


def test_holes_come_in_the_same_order_every_time(pinned: Place):
    pinned.edit("hello", "{one: One, two: Two}", "{uno: One, due: Two}")
    code = "from pathlib import Path; from provenv import project; here = project.find(Path.cwd()); print(here.ledger.holes(here.recipes))"
    told = {
        subprocess.run(
            [sys.executable, "-c", code], cwd=pinned.root, env={**os.environ, "PYTHONHASHSEED": str(seed)}, capture_output=True, check=True
        ).stdout
        for seed in range(4)
    }
    assert len(told) == 1


def test_pinning_again_closes_the_holes(pinned: Place):
    pinned.edit("hello", 'id="second"', 'id="renamed"')
    pinned.project.ledger.pin(pinned.project.recipes)
    assert holes(pinned) == []


def test_the_age_is_that_of_the_project(place: Place, recipe: Recipe):
    assert place.project.max_age == timedelta(days=30)
    (place.root / "pyproject.toml").write_text("[tool.provenv]\nmax-age-days = 7\n")
    assert place.project.max_age == timedelta(days=7)
    (place.root / "pyproject.toml").unlink()
    assert place.project.max_age == timedelta(days=30)


@pytest.mark.parametrize(
    "text",
    [
        "[tool.provenv\n",
        "[tool.provenv]\nmax-age-days = 0\n",
        "[tool.provenv]\nmax-age-days = '7'\n",
        "[tool.provenv]\nmax-age-days = -1\n",
        "[tool.provenv]\nmax-age-days = 1.5\n",
        "[tool.provenv]\nmax-age-days = 99999999999\n",
        "[tool]\nprovenv = 3\n",
        "tool = 3\n",
    ],
)
def test_a_wrong_age_is_refused(place: Place, text: str):
    (place.root / "pyproject.toml").write_text(text)
    with pytest.raises(BadInput):
        _ = place.project.max_age
