"""Expected output against seen output: exact lines, `...` for any lines, `[..]` for any text within a line.

Pure functions on lines; there are no similarity scores, because `True` and `False` are alike.
"""

import difflib
import re
from collections.abc import Sequence
from functools import lru_cache

ANY_LINES = "..."
ANY_TEXT = "[..]"
_SEQUENCES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
_ALIGNED_LINES = 2000
"""Seen lines beyond this many are left out of a diff and of an update."""


def normal(output: str) -> list[str]:
    """The lines of an output as a person sees them: no colour codes, only the last state of a line redrawn, no trailing blanks."""
    text = _SEQUENCES.sub("", output).replace("\r\n", "\n")
    lines = [_last_state(line).rstrip() for line in text.split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _last_state(line: str) -> str:
    return next((part for part in reversed(line.split("\r")) if part), "") if "\r" in line else line


def line_matches(expected: str, seen: str) -> bool:
    """Whether one seen line is what one expected line (not `...`) stands for."""
    expected = expected.rstrip()
    return expected == seen or (ANY_TEXT in expected and _pattern(expected).fullmatch(seen) is not None)


@lru_cache(maxsize=4096)
def _pattern(expected: str) -> re.Pattern[str]:
    return re.compile(".*?".join(re.escape(part) for part in expected.split(ANY_TEXT)))


def matches(expected: Sequence[str], seen: Sequence[str]) -> bool:
    """Whether the seen lines are what the expected lines stand for."""
    reached = {0}
    for line in expected:
        if line.rstrip() == ANY_LINES:
            reached = set(range(min(reached), len(seen) + 1)) if reached else reached
        else:
            reached = {index + 1 for index in reached if index < len(seen) and line_matches(line, seen[index])}
    return len(seen) in reached


def diff(expected: Sequence[str], seen: Sequence[str]) -> str:
    """A unified diff in which a seen line that fits a wildcard is shown as that wildcard, so that only what differs stands out."""
    lines = difflib.unified_diff([line.rstrip() for line in expected], updated(expected, seen), "expected", "seen", lineterm="")
    return "\n".join(lines)


def updated(expected: Sequence[str], seen: Sequence[str]) -> list[str]:
    """The expected lines rewritten so that they match what was seen.

    Lines that still match stay as they are, wildcards included; others give way to the seen text. No wildcard is added or widened.
    """
    seen = seen[:_ALIGNED_LINES]
    costs = _costs(expected, seen)
    result: list[str] = []
    row = column = 0
    while row < len(expected) or column < len(seen):
        here = costs[row][column]
        line = expected[row].rstrip() if row < len(expected) else None
        if line == ANY_LINES:
            if here == costs[row + 1][column]:
                result.append(line)
                row += 1
            else:
                column += 1
        elif line is not None and column < len(seen) and line_matches(line, seen[column]) and here == costs[row + 1][column + 1]:
            result.append(line)
            row, column = row + 1, column + 1
        elif line is not None and here == costs[row + 1][column] + 1:
            row += 1
        else:
            result.append(seen[column])
            column += 1
    return result


def _costs(expected: Sequence[str], seen: Sequence[str]) -> list[list[int]]:
    """Fewest lines to drop or add from each pair of positions to the end; lines under `...` cost nothing."""
    width = len(seen)
    costs = [[0] * (width + 1) for _ in range(len(expected) + 1)]
    for column in range(width - 1, -1, -1):
        costs[-1][column] = width - column
    for row in range(len(expected) - 1, -1, -1):
        line, below, here = expected[row].rstrip(), costs[row + 1], costs[row]
        wild = line == ANY_LINES
        here[width] = below[width] + (not wild)
        for column in range(width - 1, -1, -1):
            if wild:
                here[column] = min(below[column], here[column + 1])
                continue
            cost = min(below[column], here[column + 1]) + 1
            if below[column + 1] < cost and line_matches(line, seen[column]):
                cost = below[column + 1]
            here[column] = cost
    return costs
