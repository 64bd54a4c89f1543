"""Python-Markdown extension: renders `step`, `file` and excused fences with their proofs, inside SuperFences.

markdown_extensions:
  - pymdownx.superfences
  - provenv.site.extension
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from markdown import Extension, Markdown
from pymdownx.superfences import SuperFencesCodeExtension, SuperFencesException

from provenv import project
from provenv.errors import BadInput
from provenv.fence import Fence
from provenv.recipe import shown_file
from provenv.site import measures, render
from provenv.site.evidence import Evidence

RECIPES = "recipes"
"""Folder of the recipes' pages in the site."""


_Pages = Callable[[str], str]
"""Gives the path to a recipe's page from the page in hand."""


class ProvenvExtension(Extension):
    """Registers the fences with SuperFences, which must be listed before it."""

    def __init__(self, **options: Any) -> None:
        self.config = {
            "root": [".", "Folder of the project"],
            "base": ["../", "Path from a page to the root of the site, where MkDocs tells none"],
        }
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:
        """Add the fences to the SuperFences extension of this Markdown instance."""
        hosts = [each for each in md.registeredExtensions if isinstance(each, SuperFencesCodeExtension)]
        if not hosts:
            raise BadInput("provenv.site.extension needs pymdownx.superfences, listed before it")
        evidence = Evidence(project.find(Path(self.getConfig("root")).resolve()))
        for name, render_fence in (("step", _step), ("file", _file), ("measures", _measures)):
            hosts[0].extend_super_fences(name, partial(_named, render_fence, evidence, self.getConfig("base")), _accept, None)
        hosts[0].extend_super_fences("*", _other, _accept, None)


def _accept(_language: str, inputs: dict[str, str], options: dict[str, Any], _attrs: dict[str, Any], _md: Markdown) -> bool:
    options.update(inputs)
    return True


def _named(render_fence: Callable[[Evidence, _Pages, str], str], evidence: Evidence, base: str, *, src: str, md: Markdown, **_: Any) -> str:
    """HTML of a fence whose body names something in a recipe."""
    try:
        return render_fence(evidence, partial(_recipe_page, md, base), src.strip())
    except BadInput as error:
        raise SuperFencesException(str(error)) from error  # the only exception that SuperFences lets through


def _recipe_page(md: Markdown, base: str, slug: str) -> str:
    """Path from the page in hand to a recipe's page, empty on that page: MkDocs leaves the page with the processor of its links."""
    links: Any = md.treeprocessors["relpath"] if "relpath" in md.treeprocessors else None  # noqa: SIM401 (a registry has no `get`)
    here = links.file.src_uri if links else ""
    return "" if here == f"{RECIPES}/{slug}.md" else f"{'../' * here.count('/') if links else base}{RECIPES}/{slug}.html"


def _step(evidence: Evidence, pages: _Pages, reference: str) -> str:
    recipe, scenario, step = evidence.step(reference)
    found = list(evidence.of_step(recipe, scenario, step))
    return render.step(recipe, step, found, evidence.project.max_age.days, pages(recipe.slug))


def _file(evidence: Evidence, pages: _Pages, reference: str) -> str:
    slug, _, inner = reference.partition("/")
    recipe = evidence.recipe(slug)
    path, lines = shown_file(Fence("file", {}, (inner,), Path(reference), 1, 1), recipe.folder)
    name = path.relative_to(recipe.folder).as_posix()
    return render.file(name, lines, recipe, pages(slug))


def _measures(evidence: Evidence, pages: _Pages, text: str) -> str:
    title, rows = measures.read(text, evidence)
    return render.measures(title, rows, evidence.project.max_age.days, pages)


def _other(*, src: str, language: str, options: dict[str, Any], **_: Any) -> str:
    reason = options.get("unproven")
    return render.excused(language, src.split("\n"), reason) if reason else render.code(language, src.split("\n"))


def makeExtension(**options: Any) -> ProvenvExtension:
    """Entry point for Python-Markdown."""
    return ProvenvExtension(**options)
