"""Holes in the pages stop the build: what was never run must not look like what passed."""

from pathlib import Path

import pytest

from .building import mkdocs, provenv

_GUIDE = "docs/guides/small.md"
_README = "recipes/demo/README.md"


def _append(path: Path, text: str) -> None:
    path.write_text(path.read_text("utf-8") + text, "utf-8")


@pytest.mark.parametrize(
    ("place", "text", "sentence"),
    [
        (_GUIDE, "\n```console\n$ echo typed by hand\n```\n", "is neither proven nor excused"),
        (_GUIDE, '\n=== "Tab"\n\n    ```bash\n    echo typed by hand\n    ```\n', "is neither proven nor excused"),
        (_GUIDE, "\n```\nno language\n```\n", "is neither proven nor excused"),
        (_GUIDE, '\n```console unproven=""\n$ echo x\n```\n', "`unproven` needs its reason"),
        (_GUIDE, "\n```step\ndemo#nothing\n```\n", "the recipe `demo` has no step `nothing`; it has: hello, nested, wide"),
        (_GUIDE, "\n```step\nnobody#hello\n```\n", "there is no recipe `nobody`"),
        (_GUIDE, "\n```file\ndemo/weigh.py#tail\n```\n", "`weigh.py` has no region `tail`"),
        (_GUIDE, "\n```file\ndemo/scale.py\n```\n", "file `scale.py`"),
        (_GUIDE, "\nRun `pip install nothing` first.\n", "no step runs it"),
        (_README, "\n```file\nscale.py\n```\n", "file `scale.py`"),
        (_README, "\n```console\n$ echo x\n```\n", "a `console` fence needs an id"),
        (_README, "\n```mermaid\ngraph TD\n```\n", "is neither proven nor excused"),
    ],
)
def test_a_hole_in_a_page_stops_the_pages_with_a_sentence(small_project: Path, place: str, text: str, sentence: str) -> None:
    line = len((small_project / place).read_text("utf-8").split("\n"))
    _append(small_project / place, text)
    ran = provenv(small_project, "pages")
    assert ran.returncode == 2
    assert sentence in ran.stderr
    assert ran.stderr.count("\n") == 1
    named, number = ran.stderr.removeprefix("provenv: ").split(": ")[0].rsplit(":", 1)
    assert named == place
    assert line < int(number) <= line + text.count("\n")
    assert not (small_project / "docs/recipes").exists()


def test_a_recipe_that_its_guide_does_not_name_stops_the_pages(small_project: Path) -> None:
    guide = small_project / _GUIDE
    guide.write_text("# A small guide\n\nIt names nothing.\n")
    ran = provenv(small_project, "pages")
    assert ran.returncode == 2
    assert "the guide `small` names no step or file of this recipe" in ran.stderr


def test_a_recipe_whose_guide_does_not_exist_stops_the_pages(small_project: Path) -> None:
    readme = small_project / _README
    readme.write_text(readme.read_text("utf-8").replace("guides: [small]", "guides: [small, absent]"), "utf-8")
    ran = provenv(small_project, "pages")
    assert ran.returncode == 2
    assert "the guide `absent` does not exist" in ran.stderr


def test_broken_links_turn_the_strict_build_red(small_project: Path) -> None:
    links = ["absent.md", "../recipes/demo.md#absent", "#absent", "/index.html"]
    _append(small_project / _GUIDE, "".join(f"\nGo [away]({link}).\n" for link in links))
    assert provenv(small_project, "pages").returncode == 0
    ran = mkdocs(small_project)
    assert ran.returncode != 0
    assert [link for link in links if f"'{link}'" not in ran.stdout + ran.stderr] == []


def test_a_page_that_is_in_no_navigation_turns_the_strict_build_red(small_project: Path) -> None:
    (small_project / "docs/guides/lost.md").write_text("# Lost\n")
    assert provenv(small_project, "pages").returncode == 0
    ran = mkdocs(small_project)
    assert ran.returncode != 0
    assert "guides/lost.md" in ran.stdout + ran.stderr


def test_a_step_that_vanished_after_the_pages_were_written_stops_the_build(small_project: Path) -> None:
    assert provenv(small_project, "pages").returncode == 0
    readme = small_project / _README
    readme.write_text(readme.read_text("utf-8").replace('id="hello"', 'id="renamed"'), "utf-8")
    ran = mkdocs(small_project)
    assert ran.returncode != 0
    assert "the recipe `demo` has no step `hello`" in ran.stdout + ran.stderr
