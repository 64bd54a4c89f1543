"""Search, without a network: from a folder and behind a server."""

import re

import pytest

from .conftest import Open, Site, Watch


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_search_finds_a_recipe(real: Site, open_page: Open, scheme: str) -> None:
    page = open_page(getattr(real, scheme)("index.html"))
    page.locator(".md-search__input").click()
    page.keyboard.type("pyenv")
    found = page.locator(".md-search-result__link", has_text=re.compile("pyenv", re.IGNORECASE)).first
    found.wait_for()
    found.click()
    page.wait_for_url(re.compile(r"\.html"))
    assert "pyenv" in page.inner_text("article").lower()


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_the_last_line_of_an_error_leads_first_to_a_page_that_shows_it(real: Site, open_page: Open, scheme: str) -> None:
    page = open_page(getattr(real, scheme)("index.html"))
    page.locator(".md-search__input").click()
    page.keyboard.type("ModuleNotFoundError: No module named 'distutils'")
    first = page.locator(".md-search-result__item").first
    first.get_by_text("No module named 'distutils'").first.wait_for()


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_search_finds_the_error_that_a_step_runs_into(small: Site, open_page: Open, scheme: str) -> None:
    page = open_page(getattr(small, scheme)("guides/small.html"))
    page.keyboard.press("/")
    page.keyboard.type("quotes")
    page.locator(".md-search-result__link", has_text="Weigh").first.wait_for()


def test_what_is_inside_of_proofs_is_not_searched(small: Site) -> None:
    index = (small.folder / "search/search_index.json").read_text()
    assert "Go to the" in index
    assert not [page for page in ("proofs/index.html", "recipes/index.html") if page in index]
    assert not [words for words in ("exactly", "deep in", "numpy", "From the recipe", "in a fresh venv") if words in index]


def test_the_index_is_fetched_when_somebody_goes_to_the_search(small: Site, open_page: Open, watch: Watch) -> None:
    page = open_page(small.http("index.html"))
    page.wait_for_load_state("networkidle")
    assert not [url for url in watch.requests if "search" in url.rsplit("/", 1)[-1] and "index" in url]
    with page.expect_response(re.compile("search_index")):
        page.locator(".md-search__input").focus()


def test_an_address_with_a_query_searches_at_once(small: Site, open_page: Open) -> None:
    with_query = open_page(small.http("index.html?q=quotes"))
    with_query.locator(".md-search-result__link").first.wait_for(state="attached")


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_an_error_in_the_search_gets_the_answer_of_the_error_finder(real: Site, open_page: Open, scheme: str) -> None:
    page = open_page(getattr(real, scheme)("guides/failed-installs.html"))
    page.locator(".md-search__input").fill("ImportError: libGL.so.1: cannot open shared object file: No such file or directory")
    answer = page.locator(".pv-found a").first
    answer.wait_for()
    assert page.locator(".pv-found a").count() <= 3
    answer.click()
    page.wait_for_url(re.compile(r"recipes/opencv-needs-libgl\.html"))


def test_words_that_are_no_known_error_are_only_searched(real: Site, open_page: Open, watch: Watch) -> None:
    page = open_page(real.http("index.html"))
    page.locator(".md-search__input").fill("pyenv")
    page.locator(".md-search-result__link").first.wait_for()
    assert not [url for url in watch.requests if url.endswith("errors.js")]
    page.locator(".md-search__input").fill("error: externally-managed-environment")
    page.locator(".pv-found").wait_for()
    page.locator(".md-search__input").fill("KeyError: 'price' of the pyenv")
    page.locator(".pv-found").wait_for(state="detached")


def test_an_empty_search_has_no_answer(real: Site, open_page: Open) -> None:
    page = open_page(real.file("index.html"))
    page.locator(".md-search__input").fill("error: externally-managed-environment")
    page.locator(".pv-found").wait_for()
    page.locator(".md-search__icon[type=reset]").click()
    page.locator(".pv-found").wait_for(state="detached")
