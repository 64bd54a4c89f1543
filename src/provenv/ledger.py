"""The ledger: all proofs, one JSON file a recipe, and the pinned list of proofs that must exist.

Files are replaced as a whole under a lock, so that a reader, a killed run or a second run sees the old state or the new one, never half.
"""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from provenv.errors import BadInput
from provenv.proof import TODAY, Key, Proof, StepProof, required
from provenv.recipe import Recipe, Step

SCHEMA: Literal[1] = 1
PINS = "required.json"

_File = TypeVar("_File")
Outcome = Literal["proven", "healed", "failed", "stale", "not run"]


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The proofs of one recipe, as its file holds them."""

    schema: Literal[1]
    recipe: str
    proofs: list[Proof]


class PinnedScenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ids of a scenario's steps, in order."""

    steps: list[str]


class PinnedRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What must be proven of one recipe."""

    lanes: list[str]
    pythons: list[str]
    as_of: str
    scenarios: dict[str, PinnedScenario]


class Pins(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The list of what must be proven, pinned so that nothing vanishes unseen."""

    schema: Literal[1]
    recipes: dict[str, PinnedRecipe]


@dataclass(frozen=True)
class Standing:
    """How one proof stands now."""

    key: Key
    outcome: Outcome
    reason: str
    proof: Proof | None


class Ledger:
    """The folder `proofs/` of a project."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def proofs(self, slug: str) -> list[Proof]:
        """The proofs of a recipe; raises `BadInput` if its file cannot be read."""
        path = self._folder / f"{slug}.json"
        page: Page | None = _read(path, Page)
        if page and page.recipe != slug:
            raise BadInput(f"holds the proofs of `{page.recipe}`; delete it and prove {slug} again", path)
        return page.proofs if page else []

    def find(self, key: Key) -> Proof | None:
        """The proof of a key, if there is one."""
        return next((proof for proof in self.proofs(key.recipe) if key_of(key.recipe, proof) == key), None)

    def record(self, recipe: Recipe, proof: Proof) -> None:
        """Put a proof in the place of the one before; proofs of scenarios, Pythons or dates that the recipe no longer has are dropped."""
        allowed = {key._replace(as_of=as_of) for key in required(recipe) for as_of in (key.as_of, TODAY)}
        new = key_of(recipe.slug, proof)
        with self._locked():
            others = [old for old in self.proofs(recipe.slug) if key_of(recipe.slug, old) in allowed - {new}]
            ordered = sorted([*others, proof], key=lambda each: key_of(recipe.slug, each))
            _write(self._folder / f"{recipe.slug}.json", Page(SCHEMA, recipe.slug, ordered))

    def pins(self) -> Pins:
        """The pinned list; raises `BadInput` if it is missing."""
        pins: Pins | None = _read(self._folder / PINS, Pins)
        if pins is None:
            raise BadInput(
                "the list of proofs that must exist is missing; restore it, or make it anew with `provenv pin`", self._folder / PINS
            )
        return pins

    def pin(self, recipes: Iterable[Recipe]) -> None:
        """Pin what must be proven to what the recipes say now."""
        with self._locked():
            _write(self._folder / PINS, Pins(SCHEMA, {recipe.slug: _pinned(recipe) for recipe in recipes}))

    def holes(self, recipes: Sequence[Recipe]) -> list[str]:
        """Sentences on every difference between the recipes and the pinned list, and on proofs that belong to no recipe."""
        pinned, now = self.pins().recipes, {recipe.slug: _pinned(recipe) for recipe in recipes}
        sentences = [
            f"the recipe `{slug}` is pinned but gone; restore recipes/{slug}/README.md" for slug in sorted(pinned.keys() - now.keys())
        ]
        sentences += [f"the recipe `{slug}` is not pinned; run `provenv pin`" for slug in sorted(now.keys() - pinned.keys())]
        for slug in sorted(pinned.keys() & now.keys()):
            sentences += _differences(slug, pinned[slug], now[slug])
        strays = {path.stem for path in self._folder.glob("*.json")} - now.keys() - {Path(PINS).stem}
        sentences += [f"proofs/{slug}.json belongs to no recipe; delete it" for slug in sorted(strays)]
        return sentences

    def standings(
        self, recipes: Iterable[Recipe], max_age: timedelta, now: datetime | None = None, excused_until: date | None = None
    ) -> Iterator[Standing]:
        """How each proof that must exist stands."""
        moment = now or datetime.now(UTC)
        for recipe in recipes:
            proofs = {key_of(recipe.slug, proof): proof for proof in self.proofs(recipe.slug)}
            for key in required(recipe):
                yield standing(recipe, key, proofs.get(key), max_age, moment, excused_until)

    def today(self, recipes: Iterable[Recipe], max_age: timedelta, now: datetime | None = None) -> Iterator[Standing]:
        """How the proofs with the index of the day stand; none of them must exist."""
        moment = now or datetime.now(UTC)
        for recipe in recipes:
            for proof in self.proofs(recipe.slug):
                if proof.as_of == TODAY:
                    yield standing(recipe, key_of(recipe.slug, proof), proof, max_age, moment, date.max)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            for torn in self._folder.glob(".*.json.*"):
                torn.unlink(missing_ok=True)
            yield
        finally:
            os.close(descriptor)


def key_of(slug: str, proof: Proof) -> Key:
    """The key of a proof of a recipe."""
    return Key(slug, proof.scenario, proof.lane, proof.python, proof.as_of)


def standing(  # noqa: PLR0911, PLR0917
    recipe: Recipe, key: Key, proof: Proof | None, max_age: timedelta, now: datetime, excused_until: date | None = None
) -> Standing:
    """How one proof stands at a moment; only what ran in full, on the recipe as it is, and not too long ago, is proven.

    A step that something else was run in the place of is excused until a day; it is shown as not run all the same.
    """
    if proof is None:
        return Standing(key, "not run", "there is no proof of it", None)
    if proof.content != recipe.content:
        return Standing(key, "stale", "the recipe changed since its proof", proof)
    if proof.failure:
        place = f" (recipes/{recipe.slug}/README.md:{proof.failure.line})" if proof.failure.line else ""
        since = f"since {proof.failure.healed_since}: " if proof.failure.healed_since else ""
        return Standing(key, proof.outcome, since + proof.failure.sentence + place, proof)
    steps = next(scenario.steps for scenario in recipe.scenarios if scenario.name == key.scenario)
    if [step.id for step in proof.steps] != [step.id for step in steps] or not all(map(_covers, proof.steps, steps)):
        return Standing(key, "stale", "its proof does not cover every step and command", proof)
    stood_in = [step for step in proof.steps if step.not_run]
    if stood_in and (excused_until is None or now.date() > excused_until):
        return Standing(key, "not run", f"the step `{stood_in[0].id}` was not run itself ({stood_in[0].not_run})", proof)
    age = now - proof.ran_at
    if age > max_age:
        return Standing(key, "stale", f"its proof is {age.days} days old (at most {max_age.days})", proof)
    if age < timedelta(days=-1):
        return Standing(key, "stale", "its proof is dated in the future", proof)
    return Standing(key, "proven", _but(stood_in, len(steps)), proof)


def _but(stood_in: Sequence[StepProof], count: int) -> str:
    """What the word proven leaves out, empty if nothing."""
    return f"{len(stood_in)} of {count} steps were not run themselves ({stood_in[0].not_run})" if stood_in else ""


def _covers(proof: StepProof, step: Step) -> bool:
    """Whether all of a step ran, or what it says is run in its place."""
    if proof.not_run is None:
        return len(proof.commands) == len(step.commands)
    return step.instead is not None and len(proof.commands) == (1 if proof.instead else 0)


def _pinned(recipe: Recipe) -> PinnedRecipe:
    matter = recipe.matter
    scenarios = {scenario.name: PinnedScenario([step.id for step in scenario.steps]) for scenario in recipe.scenarios}
    return PinnedRecipe(list(matter.lanes), list(matter.pythons), matter.as_of.isoformat(), scenarios)


def _differences(slug: str, pinned: PinnedRecipe, now: PinnedRecipe) -> Iterator[str]:
    cure = "restore it, or run `provenv pin` if this is meant"
    for what, old, new in (("lane", pinned.lanes, now.lanes), ("Python", pinned.pythons, now.pythons)):
        for value in old:
            if value not in new:
                yield f"{slug}: the {what} {value} is pinned but gone; {cure}"
        for value in new:
            if value not in old:
                yield f"{slug}: the {what} {value} is not pinned; run `provenv pin`"
    if pinned.as_of != now.as_of:
        yield f"{slug}: the freeze date is pinned to {pinned.as_of} but is {now.as_of}; {cure}"
    for name in sorted(pinned.scenarios.keys() | now.scenarios.keys()):
        old_steps = pinned.scenarios[name].steps if name in pinned.scenarios else []
        new_steps = now.scenarios[name].steps if name in now.scenarios else []
        for step in old_steps:
            if step not in new_steps:
                yield f"{slug}: the step `{step}` of the scenario `{name}` is pinned but gone; {cure}"
        for step in new_steps:
            if step not in old_steps:
                yield f"{slug}: the step `{step}` of the scenario `{name}` is not pinned; run `provenv pin`"
        if sorted(old_steps) == sorted(new_steps) and old_steps != new_steps:
            yield f"{slug}: the steps of the scenario `{name}` stand in another order than pinned; {cure}"


# --- files --------------------------------------------------------------------------------------------------------------


def _read(path: Path, kind: type[_File]) -> _File | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot be read as a ledger file ({error}); restore it, or delete it and prove again", path) from None


def _write(path: Path, value: object) -> None:
    """Replace a file by the JSON of a value, durably and as a whole."""
    data = msgspec.json.format(msgspec.json.encode(value, order="deterministic"), indent=1) + b"\n"
    replace(path, data)


def replace(path: Path, data: bytes) -> None:
    """Replace a file as a whole: whoever reads it meanwhile, or after a kill, has the old bytes or the new ones."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a recipe's file in the ledger."""
    named: Callable[[type], dict[str, Any]] = msgspec.json.schema
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Provenv proofs of one recipe", **named(Page)}
