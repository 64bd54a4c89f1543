"""The page that shows the figures of the last run."""

from datetime import date

import msgspec
from measure import Figure, Spread


class Results(msgspec.Struct, frozen=True):
    """What a run measured, and on what."""

    date: date
    python: str
    system: str
    machine: str
    cores: int
    figures: list[Figure]


_PAGE = """\
# Benchmarks

Measured on {date}, but where a note says another day, with Python {python} on {system} {machine} with {cores} cores. Each figure is a median, with the quartiles around it in
brackets; what stands in one row was measured in turns in the same run, so the **ratios** hold from machine to machine better than the
figures do. A ratio is Provenv's figure divided by the other: below 1, Provenv is quicker.

| What | Provenv | Compared with | Its figure | Ratio | Target |
|---|---|---|---|---|---|
{rows}

## What was measured

{notes}

In the rows on Dockerfiles the first figure is that of the style, with its stages and its order as named.

prysk hands all commands of a file to the shell at once and sorts the output afterwards: it never waits for a command, but it cannot
limit the time of one either, nor stop at the first that fails. byexample and Provenv send one command, wait for it, and send the next.

## Measure again

```console unproven="measured, not proven: the figures differ from machine to machine"
$ nox -s bench
```

The run ends with exit code 1 and a sentence if a target is missed, and takes less than ten minutes
on a machine that does nothing else.
"""


def render(results: Results) -> str:
    """The page as Markdown."""
    return _PAGE.format(
        date=results.date.isoformat(),
        python=results.python,
        system=results.system,
        machine=results.machine,
        cores=results.cores,
        rows="\n".join(row for each in results.figures for row in _rows(each)),
        notes="\n".join(f"- **{each.title}.** {each.how} {each.provenv.runs} rounds.{_day(each)}" for each in results.figures),
    )


def _day(of: Figure) -> str:
    return f" Measured by itself on {of.measured.isoformat()}." if of.measured else ""


def figure(of: Spread, unit: str) -> str:
    """A median with the quartiles around it."""
    quartiles = "" if of.runs < 3 else f" ({of.low:.3g} to {of.high:.3g})"
    return f"{of.median:.3g} {unit}{quartiles}"


def _rows(of: Figure) -> list[str]:
    targets = "; ".join(f"{target.text}: {'met' if target.met else '**missed**'}" for target in of.targets)
    first, own = of.title, figure(of.provenv, of.unit)
    rows = []
    for name, peer in of.peers.items():
        ratio = f"{of.ratios[name]:g}" if name in of.ratios else "–"
        rows.append(f"| {first} | {own} | {name} | {figure(peer, of.unit)} | {ratio} | {targets} |")
        first = own = targets = ""
    return rows
