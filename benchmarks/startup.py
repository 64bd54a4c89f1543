"""How long a person waits when there is little to do: `provenv list`, and `provenv prove --changed` when nothing changed."""

import re
import shutil
import sys
from pathlib import Path

from measure import PROVENV, ROOT, Figure, Target, Unusable, add_recipe, new_project, ratios, run, side_by_side, spread

ROUNDS = 15
LIST_LIMIT, CHANGED_LIMIT = 0.3, 1.0
"""Seconds."""
_NOTHING = [sys.executable, "-c", "pass"]
_OPENING_FENCE = re.compile(r"^(?P<opening>\s*(?:`{3,}|~{3,})[\w-]+).*$", re.MULTILINE)
_STEP = '\n```console id="only-step"\n$ true\n```\n\n'


def measure_list() -> Figure:
    """Seconds in which `provenv list` tells what can be proven in this project."""
    run([*PROVENV, "list"], ROOT)
    found = side_by_side({"provenv": lambda: run([*PROVENV, "list"], ROOT)[0], "python": lambda: run(_NOTHING, ROOT)[0]}, ROUNDS)
    return _figure(
        found,
        name="list",
        title="Listing the recipes of this project",
        how="Seconds from start to end of the program, against a Python that starts and does nothing.",
        target="at most {:g} s",
        limit=LIST_LIMIT,
    )


def measure_changed(folder: Path) -> Figure:
    """Seconds in which `provenv prove --changed` finds that nothing changed, in a copy of this project with one short step a recipe."""
    folder.mkdir()
    place = new_project(folder / "project")
    slugs = sorted(path.name for path in (ROOT / "recipes").iterdir() if (path / "README.md").is_file())
    for slug in slugs:
        source = ROOT / "recipes" / slug
        shutil.copytree(source, place / "recipes" / slug, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        add_recipe(place, slug, _STEP + _without_steps((source / "README.md").read_text("utf-8")))
    command = [*PROVENV, "prove", "--changed"]
    _expect(run(command, place)[1], len(slugs))
    _expect(run(command, place)[1], 0)
    with (place / "recipes" / slugs[0] / "README.md").open("a", encoding="utf-8") as readme:
        readme.write("\nOne more line.\n")
    _expect(run(command, place)[1], 1)
    found = side_by_side({"provenv": lambda: run(command, place)[0], "python": lambda: run(_NOTHING, place)[0]}, ROUNDS)
    _expect(run(command, place)[1], 0)
    return _figure(
        found,
        name="changed",
        title="Finding that nothing changed",
        how=(
            f"Seconds of a run that proves only what changed, on an unchanged copy of this project ({len(slugs)} recipes, all proven), against "
            "a Python that starts and does nothing. It was seen to prove again the one recipe that changes."
        ),
        target="at most {:g} s",
        limit=CHANGED_LIMIT,
    )


def _without_steps(readme: str) -> str:
    """The text of a README below its front matter, with no fence that is run or shown."""
    body = readme.split("\n---", 1)[1].split("\n", 1)[1]
    return _OPENING_FENCE.sub(r'\g<opening> unproven="copied for a benchmark"', body)


def _expect(told: str, proven: int) -> None:
    ending = f"{proven} proven, 0 failed, 0 not run" if proven else "all that was asked for is proven already"
    if ending not in told:
        raise Unusable(f"`provenv prove --changed` should have proven {proven}, but told:\n{told[-2000:]}")


def _figure(found: dict[str, list[float]], name: str, title: str, how: str, target: str, limit: float) -> Figure:
    own, peers = spread(found["provenv"]), {"python that does nothing": spread(found["python"])}
    return Figure(name, title, how, "s", own, peers, ratios(own, peers), [Target(target.format(limit), own.median, limit)])
