"""The error finder on the site: the same answers as the command's, in the browser alone, and the filters of the traps."""

import gzip
import re
import tomllib
from pathlib import Path

import pytest

from provenv.explain import known

from .conftest import Open, Site

PASTES = [
    "ValueError: numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, got 88 from PyObject",
    "#12 3.456 ModuleNotFoundError: No module named 'langchain.chains'",
    "\x1b[31mERROR: Cannot install httpx==0.28.1 and httpcore<1 because these package versions have conflicting dependencies.\x1b[0m",
    "2026-11-25T01:02:03Z error: externally-managed-environment\n> × This environment is externally managed",
    "exec /usr/local/bin/python: exec format error",
    "KeyError: 'price'",
    "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.",
    "ERROR: No matching distribution found for torch==2.13.0\non alpine",
]


def test_the_page_answers_as_the_command_does(real: Site, open_page: Open) -> None:
    page = open_page(real.file("errors/index.html"))
    index = known.index(real.project.recipes)
    learned = tomllib.loads((Path(__file__).parents[1] / "corpus/learn.toml").read_text("utf-8"))["paste"]
    for paste in [*PASTES, *(each["text"] for each in learned)]:
        told = page.evaluate("paste => window.provenvExplain(paste).map(each => [each.answer.title, each.score])", paste)
        expected = [[each.answer.title, each.score] for each in index.explain(paste)]
        assert [title for title, _ in told] == [title for title, _ in expected], paste
        assert [score for _, score in told] == pytest.approx([score for _, score in expected], abs=0.01)


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_a_paste_leads_to_the_recipe(real: Site, open_page: Open, scheme: str) -> None:
    page = open_page(getattr(real, scheme)("errors/index.html"))
    page.locator("#pv-paste").fill(PASTES[0])
    page.locator(".pv-explain output a").first.click()
    page.wait_for_url(re.compile(r"recipes/numpy-dtype-size-changed\.html"))


def test_an_unknown_error_is_said_to_be_unknown(real: Site, open_page: Open) -> None:
    page = open_page(real.file("errors/index.html"))
    page.locator("#pv-paste").fill("KeyError: 'price'")
    assert page.locator(".pv-explain output").inner_text().startswith("Unknown.")
    page.locator("#pv-paste").fill("")
    assert page.locator(".pv-explain output").inner_text() == ""


def test_what_the_finder_knows_is_small(real: Site) -> None:
    assert len(gzip.compress((real.folder / "assets/generated/errors.js").read_bytes())) < 60_000


def test_traps_are_filtered_by_words_and_by_group(real: Site, open_page: Open) -> None:
    page = open_page(real.file("traps/index.html"))
    rows = page.locator(".pv-traps tbody tr:visible")
    whole = rows.count()
    page.locator(".pv-filter input").fill("dtype size")
    assert 0 < rows.count() < whole
    page.locator(".pv-filter input").fill("")
    page.locator(".pv-filter select").select_option("containers")
    of_containers = sum(each.matter.group == "containers" for each in real.project.recipes)
    assert rows.count() == of_containers
    assert page.locator(".pv-filter output").inner_text() == f"{of_containers} of {whole} traps"
