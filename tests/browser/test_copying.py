"""What the copy button leaves in the clipboard: the commands that ran, byte for byte, and nothing around them."""

import pytest
from playwright.sync_api import Locator, Page

from provenv.site.evidence import Evidence

from .conftest import Open, Site

_PASTE = """() => {
  const place = document.createElement("textarea")
  place.id = "pasted"
  document.body.prepend(place)
  place.focus()
}"""


def _copied(page: Page, block: Locator) -> str:
    """The clipboard after a click on a block's button, as a paste gives it."""
    block.locator(".md-code__button").click()
    page.evaluate(_PASTE)
    page.keyboard.press("Control+V")
    pasted = page.locator("#pasted").input_value()
    page.evaluate("document.querySelector('#pasted').remove()")
    return pasted


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_the_button_copies_the_commands_that_ran(small: Site, open_page: Open, scheme: str) -> None:
    page = open_page(getattr(small, scheme)("recipes/demo.html"))
    evidence = Evidence(small.project)
    blocks = page.locator(".pv-step").all()
    assert len(blocks) == 6
    for block in blocks:
        _recipe, _scenario, step = evidence.step(block.get_attribute("data-pv-step") or "")
        assert _copied(page, block.locator(".pv-console")) == "\n".join(command.text for command in step.commands)


def test_the_button_copies_the_commands_of_a_real_recipe(real: Site, open_page: Open) -> None:
    page = open_page(real.http("recipes/venv.html"))
    evidence = Evidence(real.project)
    for block in page.locator(".pv-step").all()[:8]:
        _recipe, _scenario, step = evidence.step(block.get_attribute("data-pv-step") or "")
        assert _copied(page, block.locator(".pv-console")) == "\n".join(command.text for command in step.commands)


def test_files_and_excused_commands_are_copied_without_what_stands_around_them(small: Site, open_page: Open) -> None:
    page = open_page(small.http("guides/small.html"))
    assert _copied(page, page.locator(".pv-excused .highlight")) == "echo one\necho two \\\n  three"
    page.get_by_text("Two", exact=True).click()
    region = (small.project.root / "recipes/demo/weigh.py").read_text().split("\n")[3:6]
    assert _copied(page, page.locator(".pv-file .highlight")) == "\n".join(region)


def test_a_selection_by_hand_leaves_the_prompts_out(small: Site, open_page: Open) -> None:
    page = open_page(small.http("recipes/demo.html"))
    selected = page.evaluate("""() => {
      getSelection().selectAllChildren(document.querySelector(".pv-step pre code"))
      return getSelection().toString()
    }""")
    assert "echo done" in selected
    assert "$ " not in selected
    assert "> " not in selected


def test_the_exact_output_is_copied_as_it_was(small: Site, open_page: Open) -> None:
    page = open_page(small.http("recipes/demo.html"))
    step = page.locator(".pv-step[data-pv-step='demo#wide']")
    step.locator(".pv-proof > summary").click()
    step.locator(".pv-exact > summary").click()
    assert _copied(page, step.locator(".pv-exact .highlight")) == "seen < exactly & so"
