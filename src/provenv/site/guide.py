"""Checks of the hand-written pages: every fence names something that is proven, or says why not; every recipe is named somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path

from provenv import fence
from provenv.errors import BadInput
from provenv.fence import Fence
from provenv.project import Project
from provenv.recipe import Recipe, shown_file
from provenv.site import measures
from provenv.site.evidence import Evidence

_TOOLS = (
    "pip",
    "python",
    "python3",
    "uv",
    "uvx",
    "poetry",
    "pipx",
    "pyenv",
    "pip-compile",
    "pip-sync",
    "pipdeptree",
    "conda",
    "mamba",
    "docker",
    "nox",
    "provenv",
)
_CODE_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")


def check(project: Project, evidence: Evidence) -> None:
    """Raise `BadInput` for the first hole in the pages under `docs/` and in the READMEs of the recipes."""
    recipes = project.recipes  # read first, so that a bad one is told at its own place
    pages = sorted(path for path in project.docs.rglob("*.md") if path.relative_to(project.docs).parts[0] not in GENERATED)
    named: dict[str, set[str]] = {}
    for path in pages:
        text = path.read_text("utf-8")
        references = list(_fences(text, path, evidence))
        _inline(text, path, evidence)
        if path.parent == project.docs / "guides":
            named[path.stem] = {reference.partition("#")[0].partition("/")[0] for reference in references}
    for recipe in recipes:
        _inline(recipe.text, recipe.readme, evidence)
        _named_by_its_guides(recipe, named)


GENERATED = ("recipes", "traps", "proofs", "assets")
"""Folders of `docs/` whose pages are not written by hand."""


def _fences(text: str, path: Path, evidence: Evidence) -> Iterator[str]:
    """The recipe references of a page's fences; raises `BadInput` for a fence that is neither proven nor excused."""
    for each in fence.find(text, path):
        if "unproven" in each.options:
            if not each.options["unproven"].strip():
                raise each.refuse('`unproven` needs its reason, which the page shows, as in unproven="runs on Windows only"')
            continue
        if each.language == "measures":
            yield from _measured(each, evidence)
            continue
        if each.language not in ("step", "file", "python"):
            raise each.refuse(
                f'a fence of `{each.language or "no language"}` is neither proven nor excused; name a `step` or `file` of a recipe, or add unproven="the reason"'
            )
        if each.language != "python":
            yield _reference(each, evidence)


def _measured(each: Fence, evidence: Evidence) -> list[str]:
    try:
        measures.read("\n".join(each.body), evidence)
    except BadInput as error:
        raise each.refuse(error.sentence, 1) from None
    return measures.recipes("\n".join(each.body))


def _reference(each: Fence, evidence: Evidence) -> str:
    named = [line.strip() for line in each.body if line.strip()]
    if len(named) != 1:
        raise each.refuse(f"a `{each.language}` fence holds one line, such as `pip-tools#compile` or `pip-tools/requirements.in`")
    try:
        if each.language == "step":
            evidence.step(named[0])
        else:
            slug, _, inner = named[0].partition("/")
            shown_file(Fence("file", {}, (inner,), each.path, each.line, each.end), evidence.recipe(slug).folder)
    except BadInput as error:
        raise each.refuse(error.sentence, 1) from None
    return named[0]


def _inline(text: str, path: Path, evidence: Evidence) -> None:
    """Every command in prose occurs in some command that runs, or in a fence that says why it does not."""
    excused = [line for each in fence.find(text, path) if "unproven" in each.options for line in each.body]
    for number, line in _prose(text, path):
        for span in _CODE_SPAN.findall(line):
            words = span.split()
            if len(words) > 1 and words[0] in _TOOLS and not evidence.runs(span) and not any(span in each for each in excused):
                sentence = f"the command `{span}` stands in prose, but no step runs it; use one that a step runs, or name only the tool"
                raise BadInput(sentence, path, number)


def _prose(text: str, path: Path) -> Iterator[tuple[int, str]]:
    fenced = {number for each in fence.find(text, path) for number in range(each.line, each.end + 1)}
    return ((number, line) for number, line in enumerate(text.split("\n"), 1) if number not in fenced)


def _named_by_its_guides(recipe: Recipe, named: dict[str, set[str]]) -> None:
    for guide in recipe.matter.guides:
        if guide not in named:
            raise BadInput(f"the guide `{guide}` does not exist; there are: {', '.join(sorted(named))}", recipe.readme)
        if recipe.slug not in named[guide]:
            raise BadInput(f"the guide `{guide}` names no step or file of this recipe; add a `step` fence there", recipe.readme)
