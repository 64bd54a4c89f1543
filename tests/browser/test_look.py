"""The look: both themes, contrast, signs beside colours, keyboard, phone, and no font but the system's."""

from itertools import combinations
from typing import Any

import pytest
from playwright.sync_api import Page

from .conftest import Open, Site

_OUTCOMES = ["proven", "failed", "healed", "stale", "not run", "unproven"]
_CONTRASTS = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true})
  const over = (below, colour) => {
    canvas.fillStyle = below
    canvas.fillRect(0, 0, 1, 1)
    canvas.fillStyle = colour
    canvas.fillRect(0, 0, 1, 1)
    const [r, g, b] = canvas.getImageData(0, 0, 1, 1).data
    return `rgb(${r}, ${g}, ${b})`
  }
  const behind = element => {
    const own = getComputedStyle(element)
    return over(element.parentElement ? behind(element.parentElement) : "white", own.backgroundColor)
  }
  const light = colour => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map(each => each / 255).map(each => each <= .03928 ? each / 12.92 : ((each + .055) / 1.055) ** 2.4)
    return .2126 * r + .7152 * g + .0722 * b
  }
  const told = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement
    if (!walker.currentNode.textContent.trim() || element.closest("script, style, svg, .md-skip, .md-dialog, .headerlink")) continue
    if (!element.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue
    const below = behind(element), [a, b] = [light(over(below, getComputedStyle(element).color)), light(below)]
    told.push([(Math.max(a, b) + .05) / (Math.min(a, b) + .05), element.outerHTML.slice(0, 160)])
  }
  return told
}"""


def _contrasts(page: Page) -> list[tuple[float, str]]:
    """Contrast of every text in sight with what is behind it."""
    page.add_style_tag(content="*, ::before, ::after { transition: none !important; animation: none !important }")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    return [(ratio, html) for ratio, html in page.evaluate(_CONTRASTS)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index.html", "guides/small.html", "recipes/demo.html", "recipes/index.html", "proofs/index.html"])
def test_every_text_stands_out_from_what_is_behind_it(small: Site, open_page: Open, name: str, scheme: str) -> None:
    page = open_page(small.file(name), color_scheme=scheme)
    found = _contrasts(page)
    assert len(found) > 10
    assert not [(round(ratio, 2), html) for ratio, html in found if ratio < 4.5]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index.html", "recipes/venv.html"])
def test_so_does_every_text_of_real_pages(real: Site, open_page: Open, name: str, scheme: str) -> None:
    page = open_page(real.file(name), color_scheme=scheme)
    assert not [(round(ratio, 2), html) for ratio, html in _contrasts(page) if ratio < 4.5]


def _style(page: Page, outcome: str) -> dict[str, Any]:
    badge = page.locator(f".pv-matrix th .pv-badge[data-pv-outcome='{outcome}']")
    style: dict[str, Any] = badge.evaluate("""badge => {
      const own = getComputedStyle(badge), sign = getComputedStyle(badge, "::before")
      return {
        colour: own.color, tint: own.backgroundColor, text: badge.innerText,
        sign: sign.maskImage || sign.webkitMaskImage, width: parseFloat(sign.width),
      }
    }""")
    return style


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_outcomes_differ_by_word_and_sign_and_colour(small: Site, open_page: Open, scheme: str) -> None:
    page = open_page(small.file("proofs/index.html"), color_scheme=scheme)
    styles = {outcome: _style(page, outcome) for outcome in _OUTCOMES}
    for outcome, style in styles.items():
        assert style["text"] == outcome
        assert style["sign"].startswith("url(")
        assert style["width"] > 8
    for one, other in combinations(styles.values(), 2):
        assert one["sign"] != other["sign"]
        assert one["colour"] != other["colour"]
        assert one["tint"] != other["tint"]


def test_the_edge_of_a_step_shows_its_outcome_too(small: Site, open_page: Open) -> None:
    page = open_page(small.file("recipes/demo.html"))
    edges = page.locator(".pv-step, .pv-excused").evaluate_all(
        "all => all.map(each => getComputedStyle(each)).map(own => own.borderLeftStyle + own.borderLeftColor)"
    )
    assert len(set(edges)) == len(_OUTCOMES) - 1  # a step is healed with the index of today only, which the page tells above its steps


def test_links_are_underlined(small: Site, open_page: Open) -> None:
    for name in ("index.html", "guides/small.html", "recipes/demo.html", "recipes/index.html", "proofs/index.html"):
        lines = (
            open_page(small.file(name))
            .locator("article a:not(.headerlink, .md-button)")
            .evaluate_all("all => all.map(each => getComputedStyle(each).textDecorationLine)")
        )
        assert lines
        assert set(lines) == {"underline"}


def test_the_theme_follows_the_system_and_can_be_switched(small: Site, open_page: Open) -> None:
    page = open_page(small.http("index.html"), color_scheme="dark")
    background = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(background)
    page.locator("label[for='__palette_0']").click()
    page.wait_for_function(f"{background} != {dark!r}")
    page.reload()
    assert page.evaluate(background) == "rgb(255, 255, 255)"


def test_no_font_is_loaded(small: Site, open_page: Open) -> None:
    assert open_page(small.http("recipes/demo.html")).evaluate("[...document.fonts].length") == 0


def test_a_proof_opens_by_the_keyboard(small: Site, open_page: Open) -> None:
    page = open_page(small.file("index.html"))
    page.locator(".pv-proof > summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator(".pv-facts").first.is_visible()


def test_menu_and_search_open_by_the_keyboard_on_a_phone(small: Site, open_page: Open) -> None:
    page = open_page(small.file("guides/small.html"), viewport={"width": 390, "height": 844})
    page.get_by_role("button", name="Menu").press("Enter")
    page.locator(".md-nav--primary").get_by_text("Recipes").first.wait_for()
    page.locator("#__drawer").evaluate("each => each.click()")
    page.get_by_role("button", name="Search").first.press(" ")
    page.wait_for_function("document.activeElement.name == 'query'")


def test_with_every_proof_open_a_phone_scrolls_only_inside_of_boxes(small: Site, open_page: Open) -> None:
    for name in ("guides/small.html", "recipes/demo.html", "proofs/index.html"):
        page = open_page(small.file(name), viewport={"width": 390, "height": 844})
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_page_can_be_read_without_scripts(small: Site, open_page: Open) -> None:
    page = open_page(small.file("recipes/demo.html"), java_script_enabled=False)
    assert page.locator(".pv-step").count() == 6
    assert page.locator(".pv-badge").first.is_visible()
    page.locator(".pv-step > .pv-proof > summary").first.click()
    assert page.locator(".pv-facts").first.is_visible()
