"""Writes the generated pages under `docs/`: one for each recipe, their index, the proofs, and the files that go with them.

The pages are plain Markdown; what they show of proofs comes in when the site is built, through the Markdown extension.
"""

import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterable
from html import escape
from pathlib import Path

from provenv import fence
from provenv.explain import known
from provenv.ledger import Standing, json_schema, replace
from provenv.project import Project
from provenv.recipe import Recipe, body, files
from provenv.site import guide, render
from provenv.site.evidence import Evidence

_LINK = re.compile(r"(\]\()([^)\s]+)(\))")
_BINARY = (".whl", ".gz", ".zip", ".png", ".npy", ".bin")


def write(project: Project) -> int:
    """Check the hand-written pages, then write the generated ones; gives the number of files. Raises `BadInput` for a hole."""
    evidence = Evidence(project)
    guide.check(project, evidence)
    pages = {
        "recipes/index.md": _recipes_index(project, evidence),
        "proofs/index.md": _proofs_index(project, evidence),
        "assets/generated/errors.js": _errors(project),
        "proofs/ledger.json": _feed(project, evidence),
        "proofs/proof.schema.json": json.dumps(json_schema(), indent=1),
    }
    if any(recipe.matter.id for recipe in project.recipes):
        pages["traps/index.md"] = _traps_index(project, evidence)
    contents: dict[str, bytes] = {name: text.encode() for name, text in pages.items()}
    for recipe in project.recipes:
        contents[f"recipes/{recipe.slug}.md"] = _recipe_page(recipe, evidence).encode()
        contents[f"assets/generated/{recipe.slug}.zip"] = _archive(recipe)
    for name, content in contents.items():
        _replace_if_other(project.docs / name, content)
    for folder in ("recipes", "traps", "proofs", "assets/generated"):
        for stray in (project.docs / folder).glob("*"):
            if f"{folder}/{stray.name}" not in contents:
                stray.unlink()
    return len(contents)


def _replace_if_other(path: Path, content: bytes) -> None:
    """Write a file unless it holds the same already, so that a watching server does not rebuild for nothing."""
    if not path.is_file() or path.read_bytes() != content:
        replace(path, content)


# --- recipes ------------------------------------------------------------------------------------------------------------


def _recipe_page(recipe: Recipe, evidence: Evidence) -> str:
    matter = recipe.matter
    listed = [path.relative_to(recipe.folder).as_posix() for path in files(recipe.folder) if path != recipe.readme]
    shown = [name for name in listed if not name.endswith(_BINARY) and (recipe.folder / name).stat().st_size]
    guides = ", ".join(f"[{name.replace('-', ' ').capitalize()}](../guides/{name}.md)" for name in matter.guides)
    sections = [
        _front_matter(matter.title, matter.summary),
        f"# {matter.title}\n",
        f"{matter.summary}\n",
        _trap(recipe),
        _standing(evidence.of_recipe(recipe.slug), evidence.project.max_age.days),
        _healed(recipe, evidence),
        f"[Download the project](../assets/generated/{recipe.slug}.zip){{ .md-button download }}\n",
        f"It belongs to: {guides}. Or copy it from a clone: `provenv new {recipe.slug} DIR`.\n",
        _readme(recipe, listed),
        "## Files\n" if shown else "",
        *(f"```file\n{recipe.slug}/{name}\n```\n" for name in shown),
    ]
    return "\n".join(section for section in sections if section)


def _trap(recipe: Recipe) -> str:
    """By what a trap is recognised, and why it happens."""
    matter = recipe.matter
    if not matter.id:
        return ""
    return (
        f'<dl class="pv-trap"><dt>Trap {matter.id}: you see</dt><dd><code>{escape(matter.symptom or "")}</code></dd>'
        f"<dt>Because</dt><dd>{escape(matter.cause or '')}</dd></dl>\n"
    )


def _front_matter(title: str, description: str, search: bool = True, wide: bool = False) -> str:
    unlisted = "" if search else "search:\n  exclude: true\n"
    alone = "hide:\n  - navigation\n  - toc\n" if wide else ""
    return f"---\ntitle: {json.dumps(title)}\ndescription: {json.dumps(description)}\n{unlisted}{alone}---\n"


def _readme(recipe: Recipe, listed: list[str]) -> str:
    """The README as a page: fences name their recipe, links lead to pages, the title stands above already."""
    lines = recipe.text.split("\n")
    for each in reversed(recipe.fences):
        if "unproven" in each.options or each.language == "python":
            continue
        opening = lines[each.line - 1]
        margin, marks = re.match(r"(.*?)(`{3,}|~{3,})", opening).groups()  # type: ignore[union-attr]  # the parser found it
        named = f"{recipe.slug}#{each.options['id']}" if each.language == "console" else f"{recipe.slug}/{each.body[0].strip()}"
        kind = "step" if each.language == "console" else "file"
        inner = re.sub(r"^(\s*)(?:[-*+]|\d+[.)])(\s)", lambda match: " " * len(match[0]), margin)
        lines[each.line - 1 : each.end] = [f"{margin}{marks}{kind}", f"{inner}{named}", f"{inner}{marks}"]
    text = re.sub(r"\A# .*\n", "", body("\n".join(lines)))
    inside = {number for each in fence.find(text, recipe.readme) for number in range(each.line, each.end + 1)}
    return "\n".join(
        line if number in inside else _LINK.sub(lambda match: match[1] + _target(match[2], listed) + match[3], line)
        for number, line in enumerate(text.split("\n"), 1)
    )


def _target(link: str, listed: list[str]) -> str:
    """Where a link of a README leads on the site."""
    other = re.fullmatch(r"\.\./([a-z0-9-]+)/(?:README\.md)?(#.*)?", link)
    if other:
        return f"{other[1]}.md{other[2] or ''}"
    page = re.fullmatch(r"\.\./\.\./docs/(.+)", link)
    if page:
        return f"../{page[1]}"
    return "#files" if link in listed else link


def _archive(recipe: Recipe) -> bytes:
    """A zip of the recipe's folder, the same bytes for the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files(recipe.folder):
            info = zipfile.ZipInfo(f"{recipe.slug}/{path.relative_to(recipe.folder).as_posix()}", (1980, 1, 1, 0, 0, 0))
            info.external_attr = (path.stat().st_mode & 0o777) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, path.read_bytes())
    return buffer.getvalue()


def _recipes_index(project: Project, evidence: Evidence) -> str:
    days = project.max_age.days
    rows = "\n".join(
        f'<tr><th scope="row"><a href="{recipe.slug}.html">{escape(recipe.matter.title)}</a></th>'
        f"<td>{f'Trap {recipe.matter.id}. ' if recipe.matter.id else ''}{escape(recipe.matter.summary)}</td><td>{render.aged_badge(evidence.of_recipe(recipe.slug), days)}</td></tr>"
        for recipe in project.recipes
    )
    return (
        _front_matter("Recipes", "Small runnable projects, each followed in a fresh environment and proven with a date.", search=False)
        + "\n# Recipes\n\nEach recipe is a small project that you can copy. Its page is its README, and its README is its test: what you read"
        " is what ran.\n\n"
        + f'<table class="pv-matrix"><thead><tr><th scope="col">Recipe</th><th scope="col">What it gives you</th><th scope="col">Proof</th></tr>'
        f"</thead><tbody>\n{rows}\n</tbody></table>\n"
    )


# --- traps --------------------------------------------------------------------------------------------------------------


def _traps_index(project: Project, evidence: Evidence) -> str:
    traps = sorted((recipe for recipe in project.recipes if recipe.matter.id), key=lambda recipe: str(recipe.matter.id))
    groups = dict.fromkeys(str(recipe.matter.group) for recipe in traps)
    options = "".join(f'<option value="{group}">{_group(group)}</option>' for group in groups)
    rows = "\n".join(_trap_row(recipe, evidence) for recipe in traps)
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Trap", "You see", "Because", "Fix", "Proof"))
    return (
        _front_matter(
            "Traps", "Dependency failures that were sprung and mended in fresh environments, by what you see.", search=False, wide=True
        )
        + "\n# Traps\n\nEach trap was sprung on purpose, in a fresh environment, and printed what stands here; then it was mended, in another one. Paste a whole"
        " error into [Find an error](../errors/index.md), or filter by a word of it.\n\n"
        + f'<form class="pv-filter"><label>Words <input type="search" autocomplete="off"></label><label>Group <select><option value="">all</option>{options}</select></label>'
        "<output></output></form>\n\n"
        + f'<div class="pv-scroll" tabindex="0"><table class="pv-matrix pv-traps"><thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table></div>\n\n'
        + '<script src="../assets/javascripts/traps.js" defer></script>\n'
    )


def _group(name: str) -> str:
    return {"pytorch": "PyTorch and CUDA", "tensorflow": "TensorFlow and Keras", "langchain": "LangChain"}.get(
        name, name.replace("-", " ").capitalize()
    )


def _trap_row(recipe: Recipe, evidence: Evidence) -> str:
    matter = recipe.matter
    cells = [
        f"<code>{escape(matter.symptom or '')}</code>",
        escape(matter.cause or ""),
        escape(matter.fix or ""),
        render.aged_badge(evidence.of_recipe(recipe.slug), evidence.project.max_age.days),
    ]
    about = escape(", ".join([*matter.packages, *(f"Python {python}" for python in matter.pythons)]))
    title = f'{matter.id}<br><a href="../recipes/{recipe.slug}.html">{escape(matter.title)}</a><br><span class="pv-why">{about}</span>'
    return f'<tr data-group="{matter.group}"><th scope="row">{title}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def _errors(project: Project) -> str:
    """What the error finder knows, as a script, since a page that was opened from a folder may fetch nothing."""
    told = json.dumps(known.as_json(known.index(project.recipes)), ensure_ascii=False, separators=(",", ":"))
    return f"window.provenvErrors = {told}\n"


# --- proofs -------------------------------------------------------------------------------------------------------------


def _standing(standings: list[Standing], days: int) -> str:
    """How a recipe stands, in one line that opens to all of its proofs."""
    return render.proof(standings, days, _standing_table(standings, days).replace("\n", "")) + "\n"


def _healed(recipe: Recipe, evidence: Evidence) -> str:
    """That a trap does not spring any more with the index of today, if it was seen not to."""
    found = dict.fromkeys(each.reason for each in evidence.today if each.key.recipe == recipe.slug and each.outcome == "healed")
    return "".join(f'<p class="pv-healed">{render.badge("healed")} With the index of today, {escape(reason)}</p>\n' for reason in found)


def _standing_table(standings: Iterable[Standing], days: int, link: bool = False, kind: str = "") -> str:
    rows = "\n".join(_standing_row(each, days, link) for each in standings)
    head = "".join(
        f'<th scope="col">{name}</th>'
        for name in (*(("Recipe",) if link else ()), "Scenario", "Lane", "Python", "Outcome", "Ran", "Seconds", "Index")
    )
    return f'<div class="pv-scroll{kind}" tabindex="0"><table class="pv-matrix"><thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table></div>\n'


def _standing_row(each: Standing, days: int, link: bool) -> str:
    proof = each.proof
    ran_at = proof.ran_at.isoformat() if proof else ""
    first = f'<th scope="row"><a href="../recipes/{each.key.recipe}.html">{each.key.recipe}</a></th>' if link else ""
    reason = f'<br><span class="pv-why">{escape(each.reason)}</span>' if each.reason else ""
    when = f'<time datetime="{ran_at}">{proof.ran_at:%Y-%m-%d}</time>' if proof else "never"
    python = f"{proof.interpreter}" if proof else each.key.python
    seconds = f"{proof.seconds:.1f}" if proof else ""
    cells = [each.key.scenario, each.key.lane, python, render.badge(each.outcome, ran_at, days) + reason, when, seconds, each.key.as_of]
    return f"<tr>{first}{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


_MEANINGS = {
    "proven": "every step ran in a fresh environment and did what the page says, and the proof is not too old",
    "failed": "a step did something else than the page says",
    "healed": "a failure that the page shows does not happen any more with the index of today",
    "stale": "the recipe changed since its proof, or the proof is too old",
    "not run": "what the proof needs was not there, so nothing is known",
    "unproven": "nothing runs it; the reason stands beside it",
}


def _proofs_index(project: Project, evidence: Evidence) -> str:
    counts: Counter[str] = Counter(each.outcome for each in evidence.standings)
    unproven = [(recipe, each) for recipe in project.recipes for each in recipe.fences if "unproven" in each.options]
    healed = sum(each.outcome == "healed" for each in evidence.today)
    totals = {**{name: counts[name] for name in _MEANINGS}, "healed": healed, "unproven": len(unproven)}

    def counted(name: str) -> str:
        """The mark by which the reader's browser counts again when badges age."""
        return f' data-pv-count="{name}"' if name not in ("healed", "unproven") else ""

    meanings = "\n".join(
        f'<tr><th scope="row">{render.badge(name)}</th><td{counted(name)}>{totals[name]}</td><td>{meaning}</td></tr>'
        for name, meaning in _MEANINGS.items()
    )
    excused = "\n".join(
        f'<tr><th scope="row"><a href="../recipes/{recipe.slug}.html">{recipe.slug}</a></th><td>{escape(each.options["unproven"])}</td></tr>'
        for recipe, each in unproven
    )
    stand_ins = sorted({name for each in evidence.standings if each.proof for name in each.proof.stand_ins})
    days = project.max_age.days
    return (
        _front_matter("Proofs", "Every proof that must exist, and how it stands.", search=False)
        + "\n# Proofs\n\n"
        + f"A proof goes stale by itself after {days} days: the badges compare its date with your clock. "
        "The same list for machines: [ledger.json](ledger.json), with its [schema](proof.schema.json) for the files behind it.\n\n"
        + '<table class="pv-matrix"><thead><tr><th scope="col">Outcome</th><th scope="col">Now</th><th scope="col">What it means</th></tr></thead>'
        f"<tbody>\n{meanings}\n</tbody></table>\n\n## Every proof\n\n"
        + _standing_table(evidence.standings, days, link=True)
        + (
            "\n## With the index of today\n\nThe same recipes, followed without holding the index: what breaks here breaks for whoever resolves anew. A trap that does"
            " not spring any more is *healed*, and its page is due for a change.\n\n"
            + _standing_table(evidence.today, days, link=True, kind=" pv-today")
            if evidence.today
            else ""
        )
        + ("\n## Stand-ins\n\nSome proofs ran on a local equivalent of what could not be reached:\n\n" if stand_ins else "")
        + "".join(f"- {name}\n" for name in stand_ins)
        + (
            '\n## Unproven\n\n<table class="pv-matrix"><thead><tr><th scope="col">Recipe</th><th scope="col">Why nothing runs it</th></tr></thead>'
            f"<tbody>\n{excused}\n</tbody></table>\n"
            if excused
            else ""
        )
    )


def _feed(project: Project, evidence: Evidence) -> str:
    proofs = [
        {
            **each.key._asdict(),
            "outcome": each.outcome,
            "reason": each.reason,
            "ran_at": each.proof.ran_at.isoformat() if each.proof else None,
            "page": f"recipes/{each.key.recipe}.html",
        }
        for each in evidence.standings
    ]
    return json.dumps({"schema": 1, "max_age_days": project.max_age.days, "proofs": proofs}, indent=1)
