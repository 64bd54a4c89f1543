"""Writes seen output into a README in the place of what was expected there, for a person to review."""

import re
from collections.abc import Iterable, Sequence

from provenv import transcript
from provenv.errors import BadInput
from provenv.ledger import replace
from provenv.recipe import Command, Recipe


def rewrite(recipe: Recipe, updates: Iterable[tuple[Command, Sequence[str]]]) -> None:
    """Replace the expected lines under commands; indentation and quote marks before a fence are kept.

    Raises `BadInput`, and writes nothing, for output that could not stand in a README as itself.
    """
    lines = recipe.text.split("\n")
    for command, expected in sorted(updates, key=lambda update: -update[0].line):
        for line in expected:
            _refuse_what_means_more(recipe, command, line)
        raw = lines[command.line - 1]
        margin = raw[: raw.index("$ ")]
        start = command.expected_line - 1
        lines[start : start + len(command.expected)] = [(margin + line).rstrip() for line in expected]
    replace(recipe.readme, "\n".join(lines).encode())


def _refuse_what_means_more(recipe: Recipe, command: Command, line: str) -> None:
    """A seen line that a README would read as a wildcard, a command or the end of the fence must be written by a person."""
    was_there = line in [expected.rstrip() for expected in command.expected]
    wild = line.strip() == transcript.ANY_LINES or transcript.ANY_TEXT in line
    if not was_there and (wild or re.match(r"\$ |> |\s*(```|~~~)", line)):
        sentence = f"the output holds the line `{line.strip()}`, which would mean more than itself here; write the expected output by hand"
        raise BadInput(sentence, recipe.readme, command.line)
