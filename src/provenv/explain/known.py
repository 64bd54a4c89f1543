"""The answers of a project: those of its traps, recognised by what their recipes were seen to print, and those that are written by hand."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec

from provenv.errors import BadInput
from provenv.explain import HINT, MOST, PART, PATTERN, TOGETHER, WHOLE, WITH_PART, Answer, Index, Signature
from provenv.explain.paste import SHINGLE, compact
from provenv.explain.pattern import Pattern
from provenv.recipe import Recipe, Scenario
from provenv.transcript import ANY_LINES, ANY_TEXT

LONG = 20
"""Letters of a symptom that is telling as a whole; a shorter one may stand anywhere."""
ANSWERS = Path(__file__).with_name("answers")
"""Folder of the files that are written by hand."""
_TELLS = re.compile(
    r"error|warning|cannot|can't|could not|no module|not found|no matching|conflict|incompatible|unsatisfiable|requires|must|fatal|denied|refus|mismatch"
    r"|unable|failed|invalid|not compiled|no such file|no solution|because|removed|deprecat|unknown|undefined symbol|segmentation",
    re.IGNORECASE,
)


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An answer that is written by hand, or more texts for a trap."""

    texts: list[str] = []
    trap: str = ""
    """Name of the recipe that it adds to; empty for an answer of its own."""
    title: str = ""
    cause: str = ""
    fix: str = ""
    url: str = ""
    recipe: str = ""
    patterns: list[str] = []
    hints: list[str] = []


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    background: list[str] = []
    """Texts that tell nothing."""
    answer: list[_Written] = []


def index(recipes: Sequence[Recipe], folder: Path = ANSWERS) -> Index:
    """All that is known in a project; raises `BadInput` for a written answer that is half. More texts for a trap that the project has not are of no use."""
    written = {path: _read(path) for path in sorted(folder.glob("*.toml"))}
    traps = {each.slug: each for each in recipes if each.matter.id}
    added: dict[str, list[_Written]] = {}
    alone = []
    for path, each in ((path, each) for path, file in written.items() for each in file.answer):
        _check(each, path)
        if each.trap:
            added.setdefault(each.trap, []).append(each)
        else:
            alone.append(each)
    answers = [_of_trap(trap, added.get(slug, [])) for slug, trap in traps.items()]
    return Index([*answers, *map(_of_hand, alone)], [text for file in written.values() for text in file.background])


def named_traps(folder: Path = ANSWERS) -> set[str]:
    """The recipes that the written answers add texts to."""
    return {each.trap for path in folder.glob("*.toml") for each in _read(path).answer if each.trap}


def _read(path: Path) -> _File:
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), _File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadInput(f"cannot be read: {error}", path) from None


def _check(each: _Written, path: Path) -> None:
    if not each.trap and not all((each.title, each.cause, each.fix, each.url)):
        raise BadInput(f"an answer needs a title, a cause, a fix and a url; the one with {each.texts[:1]} lacks one", path)
    for pattern in map(Pattern, each.patterns):
        if pattern.parts[0].forbids:
            raise BadInput(f"the pattern `{pattern.text}` must begin with what is there", path)
        try:
            for part in pattern.parts:
                re.compile(part.expression)
        except re.error as error:
            raise BadInput(f"the pattern `{pattern.text}` is no regular expression: {error}", path) from None


def _of_trap(trap: Recipe, written: Sequence[_Written]) -> Answer:
    matter = trap.matter
    symptom = matter.symptom or ""
    whole = len(compact(symptom)) >= LONG
    texts = [f"{{{symptom}}}" if whole else symptom, *(text for each in written for text in each.texts)]
    for scenario in trap.scenarios:
        if scenario.name == "broken":
            texts += observed(scenario)
    patterns = tuple(Pattern(text) for each in written for text in each.patterns)
    hints = tuple(hint for each in written for hint in each.hints)
    return Answer(
        matter.title,
        matter.cause or "",
        matter.fix or "",
        trap.slug,
        f"recipes/{trap.slug}.html",
        tuple(map(Signature, dict.fromkeys(texts))),
        patterns,
        hints,
    )


def _of_hand(each: _Written) -> Answer:
    signatures = tuple(map(Signature, each.texts))
    return Answer(
        each.title, each.cause, each.fix, each.recipe or None, each.url, signatures, tuple(map(Pattern, each.patterns)), tuple(each.hints)
    )


def observed(scenario: Scenario) -> Iterator[str]:
    """Lines that a scenario was seen to print and that tell of a failure; what a run cannot know is left open."""
    for step in scenario.steps:
        for command in step.commands:
            for line in command.expected:
                if line.strip() != ANY_LINES and len(line) >= 20 and _TELLS.search(line.replace(ANY_TEXT, "")):
                    yield line.strip().replace("{", "(").replace("}", ")")


def as_json(found: Index) -> dict[str, Any]:
    """The index as the site's script reads it."""
    return {
        "limits": {
            "shingle": SHINGLE,
            "whole": asdict(WHOLE),
            "with_part": asdict(WITH_PART),
            "part": PART,
            "pattern": PATTERN,
            "hint": HINT,
            "together": TOGETHER,
            "most": MOST,
        },
        "background": list(found.background),
        "answers": [
            {
                "title": each.title,
                "cause": each.cause,
                "fix": each.fix,
                "recipe": each.recipe,
                "url": each.url,
                "texts": [signature.text for signature in each.signatures],
                "patterns": [pattern.text for pattern in each.patterns],
                "hints": list(each.hints),
            }
            for each in found.answers
        ],
    }
