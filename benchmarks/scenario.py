"""A whole scenario against the same fences in prysk and byexample: read the file, run the commands, compare the output."""

from collections.abc import Callable
from pathlib import Path

from commands import WRONG, Lines, commands, for_byexample, for_provenv, for_prysk, with_wrong_line
from measure import PROVENV, Figure, Target, Unusable, add_recipe, new_project, ratios, run, side_by_side, spread
from shell import bash

ROUNDS = 5
TIMES = 5
"""How often the commands stand in the file, because what 200 of them cost drowns in the ups and downs of start-up."""
BEST_OF = 3
"""Runs of which the quickest counts, because other programs on the machine only ever add to them."""
LIMIT = 5.0
"""Milliseconds that a command may cost."""
Tool = Callable[[Path, Lines], list[str | Path]]
"""Writes commands into a folder in a tool's own way and gives the command line that follows them."""


def require_peers(peers_environment: Path) -> None:
    """Raise `Unusable` if a tool to compare with is missing."""
    for name in ("prysk", "byexample"):
        if not (peers_environment / "bin" / name).is_file():
            raise Unusable(f"there is no {name} in the environment of the peers; install requirements/bench.txt into it")


def measure(folder: Path, peers_environment: Path) -> Figure:
    """Milliseconds that a command costs from end to end."""
    programs = peers_environment / "bin"

    def provenv(place: Path, lines: Lines) -> list[str | Path]:
        add_recipe(new_project(place), "commands", for_provenv(lines))
        return [*PROVENV, "prove"]

    def prysk(place: Path, lines: Lines) -> list[str | Path]:
        place.mkdir()
        (place / "commands.t").write_text(for_prysk(lines))
        return [programs / "prysk", "--shell", bash(), "commands.t"]

    def byexample(place: Path, lines: Lines) -> list[str | Path]:
        place.mkdir()
        (place / "commands.md").write_text(for_byexample(lines))
        return [programs / "byexample", "-l", "shell", "--no-progress-bar", "commands.md"]

    folder.mkdir()
    count = len(commands(TIMES))
    tools: dict[str, Tool] = {"provenv": provenv, "prysk": prysk, "byexample": byexample}
    contenders = {name: _contender(tool, folder / name) for name, tool in tools.items()}
    found = side_by_side(contenders, ROUNDS)
    peers = {name: spread(values) for name, values in found.items() if name != "provenv"}
    own = spread(found["provenv"])
    if min(each.median for each in (own, *peers.values())) <= 0:
        raise Unusable("a command seems to cost less than nothing, because the machine is too busy; measure again when it is quieter")
    fastest = min(peers, key=lambda name: peers[name].median)
    return Figure(
        name="scenario",
        title="A command in a whole scenario",
        how=(
            f"The seconds in which each tool's program follows {count:,} commands in one file (the same 200, {TIMES} times over), less those "
            f"for 1 command, divided by {count - 1}: what a command costs, without start-up. Of {BEST_OF} runs of each the quickest counts. Each tool was "
            "seen to pass all of them, and to fail when the first or the last expected line is wrong."
        ),
        unit="ms",
        provenv=own,
        peers=peers,
        ratios=ratios(own, peers),
        targets=[
            Target(f"no more than the faster peer, {fastest}", own.median, peers[fastest].median),
            Target(f"at most {LIMIT:g} ms", own.median, LIMIT),
        ],
    )


def _contender(tool: Tool, folder: Path) -> Callable[[], float]:
    """A measurement of one tool, after it was seen to tell right from wrong."""
    folder.mkdir()
    lines = commands(TIMES)
    for number in (1, len(lines)):
        place = folder / f"wrong-{number}"
        told = run(tool(place, with_wrong_line(lines, number)), place, code=1)[1]
        if WRONG not in told:
            raise Unusable(f"{folder.name} does not name the expected line that is wrong:\n{told[-2000:]}")
    few, many = ((tool(folder / name, some), folder / name) for name, some in (("few", lines[:1]), ("many", lines)))

    def cost() -> float:
        pairs = [(run(*few)[0], run(*many)[0]) for _ in range(BEST_OF)]
        few_seconds, many_seconds = (min(seconds) for seconds in zip(*pairs, strict=True))
        return float(many_seconds - few_seconds) / (len(lines) - 1) * 1000

    return cost
