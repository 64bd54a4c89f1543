"""The `measures` fence: figures of the ledger, or their absence, never anything else."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from conftest import Place, matter, step
from provenv.errors import BadInput
from provenv.proof import Build, CommandProof, Containers, Image, Layer, Platform, Proof, StepProof, required
from provenv.site import measures, render
from provenv.site.evidence import Evidence


@pytest.fixture
def evidence(place: Place) -> Evidence:
    """Two recipes of the container lane, of which one has a proof."""
    front = matter(lanes="[container]", pythons='["3.13"]')
    recipe = place.recipe("small", front + step("$ true"))
    place.write("unseen", front + step("$ true"))
    (key,) = required(recipe)
    proof = Proof(
        scenario=key.scenario,
        lane=key.lane,
        python=key.python,
        as_of=key.as_of,
        content=recipe.content,
        ran_at=datetime.now(UTC),
        seconds=3.0,
        interpreter="3.13.5",
        platform=Platform("Linux", "x86_64", "glibc 2.41"),
        steps=[StepProof("first", [CommandProof(0, 0.1)], "sha256:0")],
        environments=[],
        containers=Containers(
            "Docker Engine 26.1.5",
            [Build("docker build .", 8.0, 4, 0), Build("docker build .", 2.0, 4, 3)],
            [Image("small:latest", 150_000_000, "10001", [Layer("the base <image>", 150_000_000)])],
            [],
        ),
    )
    place.project.ledger.record(recipe, proof)
    return Evidence(place.project)


def rows(evidence: Evidence, *lines: str) -> list[tuple[str, float | None, str, str]]:
    _, found = measures.read("\n".join(["What", *lines]), evidence)
    return [(row.label, row.value, row.unit, row.standing.outcome) for row in found]


def test_rows_are_the_figures_of_the_proofs(evidence: Evidence):
    found = rows(evidence, "size: small/main image small:latest", "first: small/main build 1", "again: small/main build 2")
    assert found == [("size", 150.0, "MB", "proven"), ("first", 8.0, "s", "proven"), ("again", 2.0, "s", "proven")]


def test_what_has_no_proof_has_no_figure(evidence: Evidence):
    assert rows(evidence, "size: unseen/main image unseen:latest") == [("size", None, "MB", "not run")]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("size small/main image small:latest", "is no row of measures"),
        ("size: small image small:latest", "is no row of measures"),
        ("size: none/main image x", "there is no recipe `none`"),
        ("size: small/other image small:latest", "has no scenario `other` in the container lane"),
        ("size: small/main image other:latest", "holds no image `other:latest`"),
        ("time: small/main build 3", "holds no build `3`"),
        ("time: small/main build 0", "holds no build `0`"),
        ("time: small/main build two", "holds no build `two`"),
    ],
)
def test_a_row_that_names_nothing_is_refused(evidence: Evidence, line: str, sentence: str):
    with pytest.raises(BadInput, match=sentence):
        rows(evidence, line)


def test_a_fence_without_rows_is_refused(evidence: Evidence):
    with pytest.raises(BadInput, match="a title and at least one row"):
        measures.read("What", evidence)


def test_bars_are_as_long_as_their_figures_and_carry_their_badges(evidence: Evidence):
    title, found = measures.read(
        "Seconds & more\nfirst: small/main build 1\nagain: small/main build 2\nnone: unseen/main build 1", evidence
    )
    html = render.measures(title, found, 30, lambda slug: f"{slug}.html")
    assert "Seconds &amp; more" in html
    assert '--pv-share: 1.000"></span><span class="pv-figure">8.0&nbsp;s' in html
    assert '--pv-share: 0.250"></span><span class="pv-figure">2.0&nbsp;s' in html
    assert html.count('data-pv-outcome="proven"') == 2
    assert html.count('data-pv-outcome="not run"') == 1
    assert html.count("pv-bar") == 2


def test_a_guide_may_name_its_recipes_in_measures(place: Place, evidence: Evidence):
    guides = place.root / "docs" / "guides"
    guides.mkdir(parents=True)
    front = "---\ntitle: A\ndescription: B\n---\n\n# A\n\n"
    named = "```measures\nSize\nsmall: small/main image small:latest\nunseen: unseen/main image unseen:latest\n```\n"
    Path(guides / "environments.md").write_text(front + named)
    from provenv.site import guide

    guide.check(place.project, evidence)
    Path(guides / "environments.md").write_text(front + named.replace("small:latest", "other:latest"))
    with pytest.raises(BadInput, match="holds no image `other:latest`"):
        guide.check(place.project, evidence)


def test_a_step_tells_what_the_engine_told(evidence: Evidence):
    recipe, scenario, only = evidence.step("small#first")
    html = render.step(recipe, only, list(evidence.of_step(recipe, scenario, only)), 30, "")
    for told in (
        "Docker Engine 26.1.5",
        "8.0 s, cold",
        "2.0 s, 3 of 4 steps from the cache",
        "150.0&nbsp;MB, runs as 10001",
        "the base &lt;image&gt;",
    ):
        assert told in html
