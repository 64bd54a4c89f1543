"""Two scenarios at a time: how close `provenv prove --jobs 2` comes to half of the time that its scenarios take."""

import json
from pathlib import Path

from measure import PROVENV, Figure, Target, add_recipe, new_project, ratios, run, spread

ROUNDS = 3
JOBS = 2
LIMIT = 1.15
SECONDS = (1.0, 1.0, 1.5, 1.5, 2.0, 2.0, 2.5, 3.0)
"""What each scenario takes: half of it work, half of it waiting."""


def measure(folder: Path) -> Figure:
    """Seconds of a run with two jobs, against those of its scenarios divided by two."""
    folder.mkdir()
    place = new_project(folder / "project")
    for number, seconds in enumerate(SECONDS):
        work = f"python -c \"while __import__('time').process_time() < {seconds / 2}: pass\""
        add_recipe(place, f"work-{number}", f'\n```console id="work"\n$ {work}\n$ sleep {seconds / 2}\n```\n')
    run([*PROVENV, "prove", "work-0"], place)
    alone, _ = _prove(place, 1)
    walls, shares = [], []
    for _ in range(ROUNDS):
        wall, own = _prove(place, JOBS)
        walls.append(wall)
        shares.append(own / JOBS)
    provenv = spread(walls)
    peers = {"the scenarios' own seconds / 2": spread(shares), "one at a time": spread([alone])}
    return Figure(
        name="jobs",
        title=f"{len(SECONDS)} scenarios, two at a time",
        how="Seconds of the whole run, start-up included, against the seconds that its scenarios took, divided by two; once one at a time.",
        unit="s",
        provenv=provenv,
        peers=peers,
        ratios=ratios(provenv, peers),
        targets=[
            Target(
                "within 15 % of the scenarios' own seconds / 2", spread([w / s for w, s in zip(walls, shares, strict=True)]).median, LIMIT
            )
        ],
    )


def _prove(place: Path, jobs: int) -> tuple[float, float]:
    """Seconds of a run, and the sum of its scenarios' own."""
    seconds, told = run([*PROVENV, "prove", "--json", "--jobs", str(jobs)], place)
    return seconds, sum(json.loads(line)["proof"]["seconds"] for line in told.splitlines())
