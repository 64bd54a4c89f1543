"""A run of `provenv prove`: follows what was asked, records each proof as it ends, and tells people or machines how it goes."""

import json
import os
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace as replace_fields
from pathlib import Path
from typing import Protocol

import msgspec

from provenv.ledger import replace
from provenv.project import Project
from provenv.proof import TODAY, Key, required
from provenv.prove import Cancelled, Conditions, Run, Skipped, follow_all
from provenv.recipe import Recipe, Step
from provenv.update import rewrite


class Teller(Protocol):
    """Whoever is told how a run goes."""

    def started(self, key: Key) -> None: ...
    def step(self, key: Key, step: Step) -> None: ...
    def ended(self, result: Run | Skipped) -> None: ...
    def closed(self, results: Sequence[Run | Skipped]) -> None: ...


def run(project: Project, asked: Sequence[tuple[Recipe, Key]], jobs: int | None, updating: bool, machine: bool) -> int:
    """Prove what was asked; gives the exit code (0 all proven, 1 something failed, 2 something could not be said)."""
    teller = _teller(machine)
    recipes = {source.slug: source for source, _ in asked}
    results: list[Run | Skipped] = []
    conditions = Conditions(update=updating, on_step=teller.step)
    longest_first = sorted(asked, key=lambda pair: -_seconds_before(project, pair[1]))
    try:
        with closing(follow_all(longest_first, conditions, jobs, teller.started)) as ended:
            for each in ended:
                result = _with_first_day(project, each) if isinstance(each, Run) else each
                results.append(result)
                if isinstance(result, Run) and not updating:
                    _keep(project, recipes[result.key.recipe], result)
                teller.ended(result)
        if updating:
            _update(recipes, results)
    except Cancelled:
        raise KeyboardInterrupt from None
    finally:
        teller.closed(results)
    if any(isinstance(result, Run) and result.proof.failure for result in results):
        return 1
    return 2 if any(isinstance(result, Skipped) for result in results) else 0


def _seconds_before(project: Project, key: Key) -> float:
    proof = project.ledger.find(key)
    return proof.seconds if proof else 60.0


def _with_first_day(project: Project, result: Run) -> Run:
    """A run, with the day on which its healing was first seen where the ledger knows an earlier one."""
    before, failure = project.ledger.find(result.key), result.proof.failure
    if not (before and before.failure and before.failure.healed_since and failure and failure.healed_since):
        return result
    failure = msgspec.structs.replace(failure, healed_since=min(before.failure.healed_since, failure.healed_since))
    return replace_fields(result, proof=msgspec.structs.replace(result.proof, failure=failure))


def _update(recipes: dict[str, Recipe], results: Sequence[Run | Skipped]) -> None:
    """Rewrite each README once, with what all of its scenarios printed."""
    for slug, recipe in recipes.items():
        updates = [update for each in results if isinstance(each, Run) and each.key.recipe == slug for update in each.updates]
        if updates:
            rewrite(recipe, updates)


def _keep(project: Project, recipe: Recipe, result: Run) -> None:
    """Write what a run leaves: its scrubbed outputs, and its proof if it is one that the ledger keeps."""
    kept = msgspec.json.format(msgspec.json.encode({"ran_at": result.proof.ran_at, "steps": result.records}), indent=1)
    replace(transcript_path(project, result.key), kept)
    if result.key in recorded(recipe):
        project.ledger.record(recipe, result.proof)


def recorded(recipe: Recipe) -> set[Key]:
    """The keys of which the ledger keeps proofs: the required ones, and the same with the index of today."""
    return {key._replace(as_of=as_of) for key in required(recipe) for as_of in (key.as_of, TODAY)}


def transcript_path(project: Project, key: Key) -> Path:
    """File with the scrubbed outputs of the last run of a key on this machine."""
    return project.runs / key.recipe / f"{key.scenario}-{key.lane}-{key.python}-{key.as_of}.json"


def _teller(machine: bool) -> Teller:
    if machine:
        return MachineTeller()
    if sys.stdout.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb":
        from provenv.progress import LiveTeller

        return LiveTeller()
    return PlainTeller()


def verdict(result: Run | Skipped) -> str:
    """One line on a result, with the place in the README where something failed."""
    if isinstance(result, Skipped):
        return f"not run  {result.key}: {result.reason}"
    failure = result.proof.failure
    if failure is None:
        updated = f", {len(result.updates)} outputs rewritten; review them with `git diff`, then prove again" if result.updates else ""
        return f"proven   {result.key} in {result.proof.seconds:.1f} s{updated}"
    place = f"recipes/{result.key.recipe}/README.md" + (f":{failure.line}" if failure.line else "")
    step = f" step `{failure.step}`," if failure.step else ""
    since = f" healed since {failure.healed_since}:" if failure.healed_since else ""
    return f"{result.proof.outcome:8} {result.key}:{step}{since} {failure.sentence} ({place})"


def summary(results: Sequence[Run | Skipped]) -> str:
    """The closing line of a run."""
    counts = Counter(result.proof.outcome if isinstance(result, Run) else "not run" for result in results)
    healed = f"{counts['healed']} healed, " if counts["healed"] else ""
    return f"{counts['proven']} proven, {counts['failed']} failed, {healed}{counts['not run']} not run"


class PlainTeller:
    """Plain lines, for logs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def started(self, key: Key) -> None:
        pass

    def step(self, key: Key, step: Step) -> None:
        pass

    def ended(self, result: Run | Skipped) -> None:
        with self._lock:
            print(verdict(result), flush=True)
            if isinstance(result, Run) and result.diff:
                print("\n".join(f"    {line}" for line in result.diff.split("\n")), flush=True)

    def closed(self, results: Sequence[Run | Skipped]) -> None:
        print(summary(results), flush=True)


class MachineTeller(PlainTeller):
    """One JSON object a line, as each proof ends."""

    def ended(self, result: Run | Skipped) -> None:
        told: dict[str, object] = {**result.key._asdict()}
        if isinstance(result, Skipped):
            told |= {"outcome": "not run", "reason": result.reason}
        else:
            told |= {"outcome": result.proof.outcome, "proof": msgspec.to_builtins(result.proof), "diff": result.diff}
        with self._lock:
            print(json.dumps(told), flush=True)

    def closed(self, results: Sequence[Run | Skipped]) -> None:
        pass
