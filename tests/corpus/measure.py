"""How often a paste gets the right cause first, and how often one of something else gets none.

A [[paste]] of a corpus has its `text`, and one of: `recipe` (the recipe that is the right first answer, or a list of those that are
equally right), `title_has` (part of the title of the right answer), both (either is right), or `unknown = true` (no answer is right).
`telling` is the part that no damage may take away, where the last line that looks like an error is not it.
"""

import argparse
import statistics
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from provenv import project
from provenv.explain import Index, known

sys.path.insert(0, str(Path(__file__).parent))

from distort import chosen, distorted

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
JUDGE, LEARN = HERE / "judge.toml", HERE / "learn.toml"
"""The corpus that judges, of which no signature may be written, and the one that signatures are written from."""

FIRST, THREE, NONE, MILLISECONDS = 0.90, 0.97, 0.95, 100
"""The limits: right first, right among the first three, nothing for what is unknown, and the time of one answer."""


@dataclass(frozen=True)
class Paste:
    """A paste and what is right for it."""

    text: str
    recipes: tuple[str, ...] = ()
    title: str = ""
    telling: str = ""

    @property
    def unknown(self) -> bool:
        """Whether no answer is right."""
        return not self.recipes and not self.title

    @property
    def wanted(self) -> str:
        """What is right, in words."""
        return " or ".join([*self.recipes, *([f'"{self.title}"'] if self.title else [])]) or "no answer"

    def fits(self, recipe: str | None, title: str) -> bool:
        """Whether an answer is right."""
        return recipe in self.recipes or bool(self.title and self.title.lower() in title.lower())

    def damaged(self, seed: int) -> tuple[str, str]:
        """The paste with damage, and its kinds in words; nobody sees a stranger's error in pip's boxes without pip being at fault."""
        without = frozenset(("nested",)) if self.unknown else frozenset[str]()
        kinds = ", ".join(kind.__name__ for kind in chosen(seed, without))
        return distorted(self.text, seed, keep=self.telling, without=without), kinds


@dataclass(frozen=True)
class Miss:
    """A paste that did not get what is right."""

    paste: Paste
    kinds: str
    came: tuple[str, ...]

    def __str__(self) -> str:
        first = next(line for line in self.paste.text.splitlines() if line.strip()).strip()
        return f"{first[:90]}\n    {self.kinds or 'plain'}: wanted {self.paste.wanted}, came {'; '.join(self.came) or 'nothing'}"


@dataclass(frozen=True)
class Result:
    """The shares, the time and what was missed."""

    pastes: int
    runs: int
    first: float
    three: float
    none: float
    milliseconds: float
    missed: tuple[Miss, ...]

    @property
    def passes(self) -> bool:
        """Whether the limits are kept."""
        return self.first >= FIRST and self.three >= THREE and self.none >= NONE and self.milliseconds <= MILLISECONDS


def read(file: Path) -> list[Paste]:
    """A corpus."""
    entries = tomllib.loads(file.read_text(encoding="utf-8"))["paste"]
    pastes = []
    for entry in entries:
        recipes = entry.get("recipe", [])
        pastes.append(
            Paste(
                text=entry["text"].strip("\n"),
                recipes=(recipes,) if isinstance(recipes, str) else tuple(recipes),
                title=entry.get("title_has", ""),
                telling=entry.get("telling", ""),
            )
        )
    return pastes


def seeds(number: int, distortions: int) -> Iterator[int]:
    """The seeds of a paste, which differ from those of the others, so that all kinds of damage occur."""
    return iter(range(number * 1000, number * 1000 + distortions))


def milliseconds(index: Index, pastes: Sequence[Paste]) -> float:
    """The median time of an answer to a paste of 200 lines, made of several."""
    lines = [line for paste in pastes for line in paste.text.splitlines()]
    times = []
    for start in range(0, min(len(lines) - 200, 2000), 200):
        text = "\n".join(lines[start : start + 200])
        begin = time.perf_counter()
        index.explain(text)
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times)


def measure(file: Path, distortions: int = 3) -> Result:
    """Run each paste of a corpus plain and with damage."""
    index = known.index(project.find(ROOT).recipes)
    pastes = read(file)
    hits = {"first": 0, "three": 0, "none": 0}
    runs = {"known": 0, "unknown": 0}
    missed = []
    for number, paste in enumerate(pastes):
        for text, kinds in [(paste.text, ""), *(paste.damaged(seed) for seed in seeds(number, distortions))]:
            found = index.explain(text)
            runs["unknown" if paste.unknown else "known"] += 1
            right = [paste.fits(one.answer.recipe, one.answer.title) for one in found[:3]]
            hits["three"] += any(right)
            hits["first"] += right[:1] == [True]
            hits["none"] += paste.unknown and not found
            if found if paste.unknown else right[:1] != [True]:
                came = (f"{one.answer.recipe or one.answer.title} ({one.score:.0f})" for one in found[:3])
                missed.append(Miss(paste, kinds, tuple(came)))
    return Result(
        pastes=len(pastes),
        runs=sum(runs.values()),
        first=hits["first"] / runs["known"],
        three=hits["three"] / runs["known"],
        none=hits["none"] / runs["unknown"],
        milliseconds=milliseconds(index, pastes),
        missed=tuple(missed),
    )


def main() -> int:
    """Print the shares; exit with 1 where a limit is not kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", nargs="?", type=Path, default=JUDGE, help="file of pastes (default: the one that judges)")
    parser.add_argument("--distortions", type=int, default=3, metavar="N", help="damaged copies of each paste (default: 3)")
    parser.add_argument("--verbose", action="store_true", help="list what was missed")
    given = parser.parse_args()
    result = measure(given.corpus, given.distortions)
    if given.verbose:
        for miss in result.missed:
            print(miss)
        print()
    print(f"{result.pastes} pastes, {result.runs} with their damaged copies")
    print(f"right cause first          {result.first:6.1%}  (at least {FIRST:.0%})")
    print(f"right among the first 3    {result.three:6.1%}  (at least {THREE:.0%})")
    print(f"unknown and so answered    {result.none:6.1%}  (at least {NONE:.0%})")
    print(f"one answer to 200 lines    {result.milliseconds:4.0f} ms  (at most {MILLISECONDS} ms)")
    return 0 if result.passes else 1


if __name__ == "__main__":
    sys.exit(main())
