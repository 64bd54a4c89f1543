"""Writes seen output into a README in the place of what was expected there, for a person to review."""

from collections.abc import Iterable, Iterator, Sequence

from provenv import recipe
from provenv.errors import BadInput
from provenv.ledger import replace
from provenv.recipe import Command, Recipe
from provenv.transcript import ANY_LINES, ANY_TEXT


def rewrite(source: Recipe, updates: Iterable[tuple[Command, Sequence[str]]]) -> None:
    """Replace the expected lines under commands; line ends, and indentation and quote marks before a fence, are kept.

    Raises `BadInput`, and writes nothing, where the README changed meanwhile and for output that could not stand in it as itself.
    """
    wanted = {command.line: list(expected) for command, expected in updates}
    raw = source.readme.read_bytes().decode()
    text = raw.replace("\r\n", "\n")
    if text != source.text:
        raise BadInput("the README changed while its commands ran; update it again", source.readme)
    for step in source.steps:
        for command in step.commands:
            _refuse_new_wildcards(source, command, wanted.get(command.line, []))
    if not _reads_as_wanted(source, wanted):
        asked = [command for command in _commands(source) if command.line in wanted]
        guilty = next((each for each in asked if not _reads_as_wanted(source, {each.line: wanted[each.line]})), asked[0])
        raise _refusal(source, guilty, next(iter(wanted[guilty.line]), ""))
    updated = _rewritten(source, wanted)
    replace(source.readme, (updated.replace("\n", "\r\n") if "\r\n" in raw else updated).encode())


def _commands(source: Recipe) -> Iterator[Command]:
    return (command for step in source.steps for command in step.commands)


def _rewritten(source: Recipe, wanted: dict[int, list[str]]) -> str:
    lines = source.text.split("\n")
    for command in sorted(_commands(source), key=lambda command: -command.line):
        if command.line in wanted:
            opening = lines[command.line - 1]
            margin = opening[: opening.index("$ ")]
            start = command.expected_line - 1
            lines[start : start + len(command.expected)] = [(margin + line).rstrip() for line in wanted[command.line]]
    return "\n".join(lines)


def _refuse_new_wildcards(source: Recipe, command: Command, expected: Sequence[str]) -> None:
    """The wildcards of the new lines are some of the old ones, in their order; a seen line that looks like one is not."""
    left = iter([line.rstrip() for line in command.expected])
    for line in expected:
        if (line == ANY_LINES or ANY_TEXT in line) and line not in left:
            raise _refusal(source, command, line)


def _reads_as_wanted(source: Recipe, wanted: dict[int, list[str]]) -> bool:
    """Whether the new README reads as the same commands with the wanted output, and nothing else."""
    try:
        read = list(_commands(recipe.read(source.folder, _rewritten(source, wanted), "")))
    except BadInput:
        return False
    expected = [(command.text, wanted.get(command.line, command.expected)) for command in _commands(source)]
    return [_plain(command.text, command.expected) for command in read] == [_plain(*each) for each in expected]


def _plain(text: str, expected: Sequence[str]) -> tuple[str, list[str]]:
    return text, [line.rstrip() for line in expected]


def _refusal(source: Recipe, command: Command, line: str) -> BadInput:
    sentence = f"the output from the line `{line.strip()}` on would mean more than itself here; write the expected output by hand"
    return BadInput(sentence, source.readme, command.line)
