"""Expected output against seen output: exact lines, `...` for any lines, `[..]` for any text within a line.

Pure functions on lines; there are no similarity scores, because `True` and `False` are alike.
"""

import difflib
import re
from collections.abc import Iterator, Sequence

ANY_LINES = "..."
ANY_TEXT = "[..]"
_SEQUENCES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
_ALIGNED = 2_000_000
"""Pairs of an expected and a seen line up to which an update looks for the cheapest way; beyond, the seen lines are taken as they are."""


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
    if expected == seen or ANY_TEXT not in expected:
        return expected == seen
    first, *inner, last = expected.split(ANY_TEXT)
    end = len(seen) - len(last)
    if not (seen.startswith(first) and seen.endswith(last) and len(first) <= end):
        return False
    place = len(first)
    for part in inner:  # the leftmost place of each part leaves the most room for the next
        place = seen.find(part, place, end)
        if place < 0:
            return False
        place += len(part)
    return True


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

    Lines that still match stay as they are, wildcards included; others give way to the seen text. No wildcard is added or widened: where a line
    beside a `...` has no successor, the `...` gives way to what it stood for.
    """
    if len(expected) * len(seen) > _ALIGNED:
        return list(expected) if matches(expected, seen) else list(seen)
    edits = list(_edits(expected, seen))
    result: list[str] = []
    for before, (line, lines), after in zip([None, *edits], edits, [*edits[1:], None], strict=False):
        widened = any(beside is not None and beside[0] not in (None, ANY_LINES) and not beside[1] for beside in (before, after))
        result += [ANY_LINES] if line == ANY_LINES and not widened else lines
    return result


_DROP, _CHANGE, _ADD = 4, 3, 2
"""Costs of an expected line without successor, of one with another text, and of a seen line without predecessor."""


def _edits(expected: Sequence[str], seen: Sequence[str]) -> Iterator[tuple[str | None, list[str]]]:
    """The cheapest way from expected to seen: pairs of an expected line (None: none) and the lines in its place, which may be itself."""
    costs = _costs(expected, seen)
    row = column = 0
    while row < len(expected) or column < len(seen):
        here, line = costs[row][column], expected[row].rstrip() if row < len(expected) else None
        if line == ANY_LINES:
            end = next(end for end in range(column, len(seen) + 1) if costs[row + 1][end] == here)
            yield line, list(seen[column:end])
            row, column = row + 1, end
        elif line is not None and column < len(seen) and here == costs[row + 1][column + 1] + _change(line, seen[column]):
            yield line, [line if line_matches(line, seen[column]) else seen[column]]
            row, column = row + 1, column + 1
        elif line is not None and here == costs[row + 1][column] + _DROP:
            yield line, []
            row += 1
        else:
            yield None, [seen[column]]
            column += 1


def _change(expected: str, seen: str) -> int:
    return 0 if line_matches(expected, seen) else _CHANGE


def _costs(expected: Sequence[str], seen: Sequence[str]) -> list[list[int]]:
    """Cheapest way from each pair of positions to the end; lines under `...` cost nothing."""
    width = len(seen)
    costs = [[0] * (width + 1) for _ in range(len(expected) + 1)]
    costs[-1] = [_ADD * (width - column) for column in range(width + 1)]
    for row in range(len(expected) - 1, -1, -1):
        line, below, here = expected[row].rstrip(), costs[row + 1], costs[row]
        wild = line == ANY_LINES
        here[width] = below[width] + (0 if wild else _DROP)
        for column in range(width - 1, -1, -1):
            if wild:
                here[column] = min(below[column], here[column + 1])
            else:
                ways = (below[column] + _DROP, here[column + 1] + _ADD, below[column + 1] + _change(line, seen[column]))
                here[column] = min(ways)
    return costs
