"""Proofs as a reader sees them: the badge, its age by the reader's clock, and what it opens to."""

import io
import zipfile
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from playwright.sync_api import Page

from provenv.proof import required
from provenv.recipe import files

from .building import MAX_AGE, RAN, build
from .conftest import Open, Site

_GOOD = ".pv-step[data-pv-step='demo#hello'] > .pv-proof > summary"


def _at(moment: datetime) -> dict[str, object]:
    return {"before": lambda page: page.clock.set_fixed_time(moment)}


@pytest.mark.parametrize(
    ("step", "outcome", "reason"),
    [
        ("hello", "proven", ""),
        ("bad", "failed", "`echo bad` did not print what is expected"),
        ("old", "stale", "the recipe changed since its proof"),
        ("never", "not run", "there is no proof of it"),
    ],
)
def test_every_outcome_is_in_sight_with_its_reason(small: Site, open_page: Open, step: str, outcome: str, reason: str) -> None:
    summary = open_page(small.file("recipes/demo.html")).locator(f".pv-step[data-pv-step='demo#{step}'] > .pv-proof > summary")
    assert summary.locator(".pv-badge").inner_text() == outcome
    assert reason in summary.inner_text()


@pytest.mark.parametrize(
    ("after", "badge", "age"),
    [
        (timedelta(hours=-30), "stale: dated in the future", ""),
        (timedelta(0), "proven", "today"),
        (timedelta(days=1), "proven", "yesterday"),
        (timedelta(days=12), "proven", "12 days ago"),
        (timedelta(days=MAX_AGE), "proven", "30 days ago"),
        (timedelta(days=MAX_AGE, minutes=1), "stale: 30 days old", "days ago"),
        (timedelta(days=400), "stale: 400 days old", "400 days ago"),
    ],
)
def test_a_badge_ages_by_the_clock_of_the_reader(small: Site, open_page: Open, after: timedelta, badge: str, age: str) -> None:
    summary = open_page(small.file("guides/small.html"), **_at(RAN + after)).locator(_GOOD)
    assert summary.locator(".pv-badge").inner_text() == badge
    assert summary.locator(".pv-badge").get_attribute("data-pv-outcome") == badge.split(":", maxsplit=1)[0]
    assert age in summary.locator(".pv-age").inner_text()
    assert f"{RAN:%Y-%m-%d}" in summary.inner_text()


def test_a_badge_ages_while_the_page_stays_open(small: Site, open_page: Open) -> None:
    page = open_page(small.file("guides/small.html"), before=lambda page: page.clock.install(time=RAN + timedelta(days=1)))
    badge = page.locator(_GOOD).locator(".pv-badge")
    assert badge.inner_text() == "proven"
    page.clock.fast_forward(30 * 24 * 3600 * 1000)
    assert badge.inner_text() == "stale: 31 days old"


def test_only_what_is_proven_ages(small: Site, open_page: Open) -> None:
    page = open_page(small.file("recipes/demo.html"), **_at(RAN + timedelta(days=400)))
    shown = page.locator(".pv-step > .pv-proof > summary > .pv-badge").all_inner_texts()
    assert shown == ["stale: 400 days old"] * 3 + ["failed", "stale", "not run"]


def _opened(page: Page, step: str) -> Page:
    page.locator(f".pv-step[data-pv-step='demo#{step}'] > .pv-proof > summary").click()
    return page


def test_a_proof_opens_to_date_versions_platform_seconds_and_exact_output(small: Site, open_page: Open) -> None:
    proof = _opened(open_page(small.file("recipes/demo.html")), "wide").locator(".pv-step[data-pv-step='demo#wide'] .pv-proof-body")
    assert proof.locator("thead th").all_inner_texts() == ["Python 3.11.9", "Python 3.13.9"]
    rows = {row.locator("th").inner_text(): row.locator("td").all_inner_texts() for row in proof.locator("tbody tr").all()}
    assert rows["Outcome"] == ["proven"]
    assert rows["Ran"] == [f"{RAN:%Y-%m-%d %H:%M} UTC 3 days ago"]
    assert rows["Platform"] == ["Linux x86_64, glibc 2.36"]
    assert rows["Package index"] == ["held at 2026-11-01"]
    assert rows["This step took"] == ["0.7 s"]
    assert rows["Stand-ins"] == ["a small index in place of the real one"]
    versions = [cell.replace("\xa0", " ") for cell in rows["Versions in ~/demo/.venv"]]
    assert versions == ["numpy 2.11.0, pip 26.3", "numpy 2.13.0, pip 26.3"]
    exact = proof.locator("details.pv-exact")
    assert exact.locator("summary").all_inner_texts() == ["Exact output on Python 3.11, 3.13"]
    exact.locator("summary").click()
    assert exact.locator("pre").inner_text().rstrip().endswith("\nseen < exactly & so")


def test_outputs_that_differ_stand_one_by_one(small: Site, open_page: Open) -> None:
    proof = _opened(open_page(small.file("recipes/demo.html")), "nested").locator(".pv-step[data-pv-step='demo#nested'] .pv-proof-body")
    assert proof.locator(".pv-exact > summary").all_inner_texts() == ["Exact output on Python 3.11", "Exact output on Python 3.13"]


def test_a_proof_without_a_run_says_so(small: Site, open_page: Open) -> None:
    proof = _opened(open_page(small.file("recipes/demo.html")), "never").locator(".pv-step[data-pv-step='demo#never'] .pv-proof-body")
    assert proof.locator("thead th").all_inner_texts() == ["Python 3.11", "Python 3.13"]
    assert "not run there is no proof of it" in proof.inner_text()


def test_an_expected_failure_tells_its_exit_code(small: Site, open_page: Open) -> None:
    step = open_page(small.file("recipes/demo.html")).locator(".pv-step[data-pv-step='demo#nested']")
    assert "ends with exit code 3, as expected" in step.inner_text()
    assert step.locator(".pv-any").all_inner_texts() == ["...", "[..]"]


def test_without_the_output_at_hand_the_page_says_what_was_compared(small_project: object, open_page: Open) -> None:
    folder = small_project
    for path in (folder / ".provenv").rglob("*.json"):  # type: ignore[operator]
        path.unlink()
    page = _opened(open_page((build(folder) / "recipes/demo.html").as_uri()), "hello")  # type: ignore[arg-type]
    assert "The expected output above is what was compared" in page.locator(".pv-step[data-pv-step='demo#hello']").inner_text()


@pytest.mark.parametrize("which", ["small", "real"])
def test_the_proofs_page_has_one_row_for_every_proof_that_must_exist(which: str, request: pytest.FixtureRequest, open_page: Open) -> None:
    site: Site = request.getfixturevalue(which)
    page = open_page(site.file("proofs/index.html"))
    rows = [row.locator("th, td").all_inner_texts() for row in page.locator(".pv-scroll tbody tr").all()]
    standings = site.project.standings()
    assert [each.key for each in standings] == [key for recipe in site.project.recipes for key in required(recipe)]
    assert len(rows) == len(standings)
    for row, each in zip(rows, standings, strict=True):
        recipe, scenario, lane, python, outcome, ran, _seconds, index = row
        assert (recipe, scenario, lane, index) == (each.key.recipe, each.key.scenario, each.key.lane, each.key.as_of)
        assert python.startswith(each.key.python)
        assert outcome.split("\n") == [each.outcome, *([each.reason] if each.reason else [])]
        assert ran.split(" ")[0] == (f"{each.proof.ran_at:%Y-%m-%d}" if each.proof else "never")


def test_the_proofs_page_tells_every_outcome_and_how_many(small: Site, open_page: Open) -> None:
    page = open_page(small.file("proofs/index.html"))
    rows = [row.locator("th, td").all_inner_texts()[:2] for row in page.locator(".pv-matrix").first.locator("tbody tr").all()]
    assert rows == [["proven", "2"], ["failed", "2"], ["healed", "0"], ["stale", "2"], ["not run", "2"], ["unproven", "1"]]
    assert "Runs on Windows only, so <nothing> here proves it." in page.inner_text("article")


def test_the_numbers_age_with_the_badges(small: Site, open_page: Open) -> None:
    page = open_page(small.file("proofs/index.html"), **_at(RAN + timedelta(days=400)))
    rows = [row.locator("th, td").all_inner_texts()[:2] for row in page.locator(".pv-matrix").first.locator("tbody tr").all()]
    assert rows == [["proven", "0"], ["failed", "2"], ["healed", "0"], ["stale", "4"], ["not run", "2"], ["unproven", "1"]]


def test_a_recipe_stands_as_its_worst_proof_and_opens_to_all(small: Site, open_page: Open) -> None:
    standing = open_page(small.file("recipes/demo.html")).locator("article > .pv-proof")
    assert standing.locator("> summary .pv-badge").inner_text() == "failed"
    standing.locator("> summary").click()
    assert standing.locator("tbody tr").count() == 8
    assert not open_page(small.file("recipes/demo.html")).locator("article").get_by_text("From the recipe").count()


def test_a_recipe_downloads_as_it_is(real: Site, open_page: Open) -> None:
    page = open_page(real.http("recipes/venv.html"))
    with page.expect_download() as download:
        page.locator("a[download]").click()
    assert download.value.suggested_filename == "venv.zip"
    assert download.value.path().read_bytes() == (real.folder / "assets/generated/venv.zip").read_bytes()


def test_every_download_holds_the_bytes_of_its_recipe(real: Site) -> None:
    for recipe in real.project.recipes:
        archive = zipfile.ZipFile(io.BytesIO((real.folder / f"assets/generated/{recipe.slug}.zip").read_bytes()))
        held = {info.filename: archive.read(info) for info in archive.infolist()}
        assert held == {f"{recipe.slug}/{path.relative_to(recipe.folder).as_posix()}": path.read_bytes() for path in files(recipe.folder)}
        assert all(before < after for before, after in pairwise(archive.namelist()))
