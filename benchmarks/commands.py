"""The trivial commands of the benchmarks, and the ways in which each tool wants them written.

Each command counts on in the same shell, so that the last line is right only if every command ran once, in order, in one shell.
"""

from collections.abc import Iterator, Sequence

Lines = Sequence[tuple[str, str]]
"""Commands, each with the line that it prints."""
WRONG = "a line that no command prints"
_IN_A_BLOCK = 10


def commands(times: int = 1) -> Lines:
    """The 200 trivial commands, so many times over."""
    return [('n=$((n + 1)); echo "command $n"', f"command {number}") for number in range(1, 200 * times + 1)]


def with_wrong_line(lines: Lines, number: int) -> Lines:
    """The same commands with one expected line, counted from 1, that is wrong."""
    return [(command, WRONG if index == number else printed) for index, (command, printed) in enumerate(lines, 1)]


def for_provenv(lines: Lines) -> str:
    """Steps of a recipe."""
    return "".join(f'\n```console id="block-{number}"\n{block}```\n' for number, block in enumerate(_blocks(lines), 1))


def for_byexample(lines: Lines) -> str:
    """Shell fences with prompts."""
    return "".join(f"\n```shell\n{block}```\n" for block in _blocks(lines))


def for_prysk(lines: Lines) -> str:
    """Blocks indented by two spaces."""
    return "".join("\nA block:\n\n" + "".join(f"  {each}\n" for each in block.splitlines()) for block in _blocks(lines))


def _blocks(lines: Lines) -> Iterator[str]:
    for start in range(0, len(lines), _IN_A_BLOCK):
        yield "".join(f"$ {command}\n{printed}\n" for command, printed in lines[start : start + _IN_A_BLOCK])
