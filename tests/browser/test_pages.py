"""Every page of the real site: it opens quietly, keeps to itself, proves or excuses what it shows, and can be used by anybody."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import yaml
from playwright.sync_api import Browser

from provenv.project import find
from provenv.site import render
from provenv.site.evidence import Evidence

from .building import ROOT
from .conftest import Open, Site, Watch

_PHONE = {"width": 390, "height": 844}
_LOOK = """async () => {
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))
  const all = selector => [...document.querySelectorAll(selector)]
  const shown = element => element.checkVisibility({visibilityProperty: true})
  const own = element => element?.getAttribute("aria-label") || element?.textContent.trim()
  const name = element => own(document.getElementById(element.getAttribute("aria-labelledby"))) || own(element) || element.title
    || [...element.labels ?? []].map(label => label.textContent.trim()).join("")
    || element.querySelector("img[alt]")?.alt
  const controls = "a[href], button, input, summary, label[tabindex], [role=button], [role=dialog], nav:not([role])"
  return {
    language: document.documentElement.lang,
    headings: all("h1").length,
    bare: all("pre").filter(pre => !pre.closest(".pv-step, .pv-file, .pv-excused, .pv-tested")).map(pre => pre.innerText),
    excused: all(".pv-excused").map(each => each.querySelector(".pv-reason")?.innerText ?? ""),
    steps: all(".pv-step").map(each => ({
      reference: each.dataset.pvStep,
      copied: each.querySelector(".pv-console").dataset.copy,
      badges: [...each.querySelectorAll(":scope > .pv-proof > summary > .pv-badge")].map(badge => badge.dataset.pvOutcome),
      summary: each.querySelector(":scope > .pv-proof > summary").innerText,
      facts: each.querySelectorAll(".pv-facts td").length,
    })),
    nameless: all(controls).filter(shown).filter(each => !name(each)).map(each => each.outerHTML.slice(0, 200)),
    stops: all("pre, .pv-scroll, .md-typeset__scrollwrap").filter(shown).filter(each => (each.scrollWidth > each.clientWidth) != (each.tabIndex == 0))
      .map(each => each.innerText),
    twins: all("[id]").map(each => each.id),
  }
}"""


def _pages(nav: Any) -> Iterator[str]:
    """Pages of the navigation, as files of the site."""
    if isinstance(nav, str):
        yield nav.removesuffix(".md") + ".html"
    for each in nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else ():
        yield from _pages(each)


_NAV = list(_pages(yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]))
PAGES = list(dict.fromkeys([*_NAV, *(f"recipes/{recipe.slug}.html" for recipe in find(ROOT).recipes)]))
"""The pages of the navigation, and those of traps, to which their index leads."""


@dataclass
class Seen:
    """What one page shows, at a desk and on a phone."""

    watch: Watch
    desk: dict[str, Any] = field(default_factory=dict)
    phone: dict[str, Any] = field(default_factory=dict)
    phone_width: int = 0


Survey = Callable[[str], Seen]


@pytest.fixture(scope="module")
def survey(browser: Browser, real: Site) -> Iterator[Survey]:
    """Opens a page of the real site from its file, once for all tests."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    seen: dict[str, Seen] = {}

    def look(page_name: str) -> Seen:
        if page_name not in seen:
            found = Seen(Watch())
            page = found.watch.over(context.new_page())
            page.goto(real.file(page_name))
            found.desk = page.evaluate(_LOOK)
            page.set_viewport_size(_PHONE)  # type: ignore[arg-type]  # a plain dict
            found.phone = page.evaluate(_LOOK)
            found.phone_width = page.evaluate("document.documentElement.scrollWidth")
            page.close()
            seen[page_name] = found
        return seen[page_name]

    yield look
    context.close()


def test_the_site_has_the_pages_of_its_navigation_and_no_other(real: Site) -> None:
    built = {path.relative_to(real.folder).as_posix() for path in real.folder.rglob("*.html")}
    assert built == {*PAGES, "404.html"}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_without_a_complaint_and_asks_no_other_machine(survey: Survey, name: str) -> None:
    seen = survey(name)
    assert not seen.watch.errors
    assert not seen.watch.outside
    assert seen.desk["language"] == "en"
    assert seen.desk["headings"] == 1


@pytest.mark.parametrize("name", ["index.html", "recipes/index.html", "recipes/venv.html", "proofs/index.html", "404.html"])
def test_a_page_opens_behind_a_server_too(real: Site, open_page: Open, watch: Watch, name: str) -> None:
    assert open_page(real.http(name)).locator("h1").is_visible()
    assert all(url.startswith((real.address, "data:")) for url in watch.requests)


@pytest.mark.parametrize("name", PAGES)
def test_no_block_lacks_a_proof_a_file_or_a_reason(survey: Survey, name: str) -> None:
    desk = survey(name).desk
    assert not desk["bare"]
    assert all(reason.removeprefix("unproven").strip() for reason in desk["excused"])
    for step in desk["steps"]:
        assert len(step["badges"]) == 1, step
        assert step["summary"].startswith(step["badges"][0]), step
        assert step["facts"] > 0, step


@pytest.mark.parametrize("name", PAGES)
def test_what_a_step_shows_and_gives_to_the_copy_button_is_what_ran(survey: Survey, real: Site, name: str) -> None:
    evidence = Evidence(real.project)
    for shown in survey(name).desk["steps"]:
        recipe, scenario, step = evidence.step(shown["reference"])
        assert shown["copied"] == "\n".join(command.text for command in step.commands)
        assert shown["badges"] == [render.outcome(each.standing for each in evidence.of_step(recipe, scenario, step))]


def test_every_step_of_every_recipe_stands_on_its_page(survey: Survey, real: Site) -> None:
    for recipe in find(real.project.root).recipes:
        shown = [step["reference"] for step in survey(f"recipes/{recipe.slug}.html").desk["steps"]]
        assert shown == [f"{recipe.slug}#{step.id}" for step in sorted(recipe.steps, key=lambda step: step.fence.line)]


@pytest.mark.parametrize("name", PAGES)
def test_no_page_is_wider_than_a_phone(survey: Survey, name: str) -> None:
    assert survey(name).phone_width <= _PHONE["width"]


@pytest.mark.parametrize("name", PAGES)
def test_whatever_can_be_operated_has_a_name(survey: Survey, name: str) -> None:
    assert not survey(name).desk["nameless"]
    assert not survey(name).phone["nameless"]


@pytest.mark.parametrize("name", PAGES)
def test_what_scrolls_is_a_stop_of_the_keyboard_and_nothing_else_is(survey: Survey, name: str) -> None:
    assert not survey(name).desk["stops"]
    assert not survey(name).phone["stops"]


@pytest.mark.parametrize("name", PAGES)
def test_no_id_stands_twice_on_a_page(survey: Survey, name: str) -> None:
    assert not [each for each, count in Counter(survey(name).desk["twins"]).items() if count > 1]
