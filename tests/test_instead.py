"""A step that something else was run in the place of is never shown as run: in the ledger, on a page, after its day."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import msgspec
import pytest

from conftest import Place, matter, step
from provenv.errors import BadInput
from provenv.proof import CommandProof, Conda, CondaPackage, Environment, Failure, Package, Platform, Proof, StepProof, required
from provenv.recipe import Recipe
from provenv.site import render
from provenv.site.evidence import Evidence, StepEvidence

WHY = "no conda on the machine"
TEXT = (
    matter(lanes="[conda]")
    + step("$ conda create --prefix ./env demo\n...", 'id="create" instead="rattler-conda create --prefix ./env demo && true"')
    + step("$ conda init bash\n...", 'id="init" instead=""')
    + step("$ true", 'id="look"')
)


@pytest.fixture
def recipe(place: Place) -> Recipe:
    (place.root / "pyproject.toml").write_text(f"[tool.provenv]\ninstead-until = {datetime.now(UTC).date()}\n")
    return place.recipe("boxes", TEXT)


@pytest.fixture
def proof(recipe: Recipe) -> Proof:
    """What a run leaves where there is no conda."""
    (key,) = required(recipe)
    return Proof(
        scenario=key.scenario,
        lane=key.lane,
        python=key.python,
        as_of=key.as_of,
        content=recipe.content,
        ran_at=datetime.now(UTC),
        seconds=3.0,
        interpreter="3.11.9",
        platform=Platform("Linux", "x86_64", "glibc 2.36"),
        steps=[
            StepProof("create", [CommandProof(0, 0.5)], "sha256:0", WHY, "rattler-conda create --prefix ./env demo && true"),
            StepProof("init", [], "sha256:0", WHY, ""),
            StepProof("look", [CommandProof(0, 0.1)], "sha256:0"),
        ],
        environments=[
            Environment("~/boxes/env", [Package("six", "1.17.0")], [CondaPackage("demo", "2.0", "0"), CondaPackage("words", "1.0", "0")])
        ],
        stand_ins=["stand-in channel: made"],
        conda=Conda("py-rattler 0.28.0", "stand-in channel"),
    )


def evidence(place: Place, recipe: Recipe, proof: Proof) -> Evidence:
    place.project.ledger.record(recipe, proof)
    return Evidence(place.project)


def shown(place: Place, recipe: Recipe, proof: Proof, of: str) -> tuple[StepEvidence, str]:
    """How a step stands, and its page as text with the outcomes of badges in brackets."""
    found = evidence(place, recipe, proof)
    _, scenario, one = found.step(f"boxes#{of}")
    (stands,) = found.of_step(recipe, scenario, one)
    html = render.step(recipe, one, [stands], 30, "")
    html = re.sub(r'<span class="pv-badge" data-pv-outcome="([^"]*)"[^>]*>[^<]*</span>', r"[\1]", html)
    return stands, re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", "", html)))


# --- on a page ------------------------------------------------------------------------------------------------------------------------


def test_the_step_is_not_run_and_what_ran_in_its_place_is_told(place: Place, recipe: Recipe, proof: Proof):
    stands, page = shown(place, recipe, proof, "create")
    assert (stands.standing.outcome, stands.standing.reason) == ("not run", WHY)
    assert "$ conda create --prefix ./env demo" in page
    assert (
        "[proven] is what ran in its place, by py-rattler 0.28.0 on the stand-in channel: rattler-conda create --prefix ./env demo && true"
    ) in page
    assert page.count("[proven]") == 1
    assert f"[not run] {proof.ran_at:%Y-%m-%d}" in page
    assert WHY in page
    assert "conda-forge" not in page


def test_a_step_that_nothing_was_run_in_the_place_of_is_not_run(place: Place, recipe: Recipe, proof: Proof):
    stands, page = shown(place, recipe, proof, "init")
    assert stands.standing.outcome == "not run"
    assert "in its place" not in page
    assert "[proven]" not in page


def test_the_other_steps_of_the_scenario_are_proven(place: Place, recipe: Recipe, proof: Proof):
    stands, page = shown(place, recipe, proof, "look")
    assert (stands.standing.outcome, stands.standing.reason) == ("proven", "")
    assert "[not run]" not in page
    assert "in its place" not in page


def test_packages_of_conda_and_of_pip_are_shown_apart_with_what_stood_in(place: Place, recipe: Recipe, proof: Proof):
    _, page = shown(place, recipe, proof, "look")
    for told in ("Conda packages in ~/boxes/env", "demo\xa02.0, words\xa01.0", "By pip in ~/boxes/env", "six\xa01.17.0"):
        assert told.replace("\xa0", " ") in page.replace("\xa0", " ")
    for told in ("py-rattler 0.28.0", "stand-in channel: made"):
        assert told in page


@pytest.mark.parametrize("outcome", ["failed", "stale"])
def test_what_ran_in_its_place_is_not_shown_as_proven_where_the_scenario_is_not(place: Place, recipe: Recipe, proof: Proof, outcome: str):
    changes = {"failed": {"failure": Failure("It broke.", "create", 12)}, "stale": {"content": "sha256:0"}}[outcome]
    stands, page = shown(place, recipe, msgspec.structs.replace(proof, **changes), "create")
    assert stands.standing.outcome == outcome
    assert "[proven]" not in page


def test_the_step_itself_is_proven_by_a_machine_that_has_conda(place: Place, recipe: Recipe, proof: Proof):
    steps = [StepProof(name, [CommandProof(0, 0.5)], "sha256:0") for name in ("create", "init", "look")]
    stands, page = shown(place, recipe, msgspec.structs.replace(proof, steps=steps, conda=Conda("conda 99.1", "conda-forge")), "create")
    assert (stands.standing.outcome, stands.instead) == ("proven", None)
    assert "in its place" not in page


# --- in the ledger ------------------------------------------------------------------------------------------------------------------------


def stands(place: Place, recipe: Recipe, proof: Proof) -> tuple[str, str]:
    place.project.ledger.record(recipe, proof)
    (found,) = place.project.standings()
    return found.outcome, found.reason


def test_the_scenario_is_proven_but_for_so_many_steps(place: Place, recipe: Recipe, proof: Proof):
    assert stands(place, recipe, proof) == ("proven", f"2 of 3 steps were not run themselves ({WHY})")


def test_after_the_day_it_is_not_run(place: Place, recipe: Recipe, proof: Proof):
    for setting in (f"instead-until = {datetime.now(UTC).date() - timedelta(days=1)}\n", ""):
        (place.root / "pyproject.toml").write_text(f"[tool.provenv]\n{setting}")
        assert stands(place, recipe, proof) == ("not run", f"the step `create` was not run itself ({WHY})")
        assert shown(place, recipe, proof, "look")[0].standing.outcome == "not run"


@pytest.mark.parametrize("value", ['"tomorrow"', "7", "2026-11-01T00:00:00Z", "true"])
def test_the_day_is_a_date(place: Place, recipe: Recipe, value: str):
    (place.root / "pyproject.toml").write_text(f"[tool.provenv]\ninstead-until = {value}\n")
    with pytest.raises(BadInput, match="`instead-until` a date"):
        place.project.standings()


@pytest.mark.parametrize(
    "create",
    [
        StepProof("create", [], "sha256:0", WHY, "rattler-conda create"),
        StepProof("create", [CommandProof(0, 1)] * 2, "sha256:0", WHY, "rattler-conda create"),
        StepProof("create", [CommandProof(0, 1)], "sha256:0", WHY, ""),
        StepProof("create", [CommandProof(0, 1)], "sha256:0", WHY),
        StepProof("create", [], "sha256:0"),
    ],
    ids=str,
)
def test_a_proof_that_does_not_cover_what_is_run_in_a_steps_place_is_stale(place: Place, recipe: Recipe, proof: Proof, create: StepProof):
    assert stands(place, recipe, msgspec.structs.replace(proof, steps=[create, *proof.steps[1:]]))[0] == "stale"


def test_a_step_that_names_nothing_to_run_in_its_place_is_not_stood_in_for(place: Place, recipe: Recipe, proof: Proof):
    look = StepProof("look", [CommandProof(0, 1)], "sha256:0", WHY, "true")
    assert stands(place, recipe, msgspec.structs.replace(proof, steps=[*proof.steps[:2], look]))[0] == "stale"


def test_a_failure_is_a_failure_also_of_what_ran_in_its_place(place: Place, recipe: Recipe, proof: Proof):
    assert stands(place, recipe, msgspec.structs.replace(proof, failure=Failure("It broke.", "create", 12)))[0] == "failed"


def test_an_old_proof_is_stale_all_the_same(place: Place, recipe: Recipe, proof: Proof):
    old = msgspec.structs.replace(proof, ran_at=datetime.now(UTC) - timedelta(days=40))
    assert stands(place, recipe, old)[0] == "stale"


def test_what_the_ledger_holds_of_it_is_read_back(place: Place, recipe: Recipe, proof: Proof):
    place.project.ledger.record(recipe, proof)
    assert place.project.ledger.proofs("boxes") == [proof]
    (kept,) = place.proofs("boxes")
    assert (kept["steps"][0]["not_run"], kept["steps"][1]["instead"]) == (WHY, "")
    assert "not_run" not in kept["steps"][2]
