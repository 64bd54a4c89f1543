"""A `measures` fence: figures of the ledger side by side, each with its proof's badge.

The first line says what is measured; each other line is `label: recipe/scenario image NAME` (its size) or `label: recipe/scenario build N`
(the seconds of its Nth build), on the newest Python that the recipe claims.
"""

import re
from dataclasses import dataclass

from provenv.errors import BadInput
from provenv.ledger import Standing
from provenv.proof import Proof
from provenv.recipe import Recipe
from provenv.site.evidence import Evidence

_ROW = re.compile(r"(?P<label>[^:]+): (?P<recipe>[a-z0-9-]+)/(?P<scenario>[a-z0-9-]+) (?P<kind>image|build) (?P<which>\S+)")


@dataclass(frozen=True)
class Measure:
    """One row."""

    label: str
    recipe: Recipe
    standing: Standing
    value: float | None
    """Megabytes or seconds; None if the proof is not there or does not hold it."""
    unit: str


def recipes(text: str) -> list[str]:
    """The recipes that a fence names."""
    return [match["recipe"] for line in text.split("\n")[1:] if (match := _ROW.fullmatch(line.strip()))]


def read(text: str, evidence: Evidence) -> tuple[str, list[Measure]]:
    """Title and rows of a fence; raises `BadInput` for a row that names nothing."""
    title, *rows = [line.strip() for line in text.split("\n") if line.strip()]
    if not rows:
        raise BadInput("a `measures` fence has a title and at least one row, such as `plain: docker-uv/main image docker-uv:latest`")
    return title, [_measure(row, evidence) for row in rows]


def _measure(row: str, evidence: Evidence) -> Measure:
    match = _ROW.fullmatch(row)
    if match is None:
        raise BadInput(f"`{row}` is no row of measures; write `label: recipe/scenario image NAME` or `label: recipe/scenario build N`")
    recipe = evidence.recipe(match["recipe"])
    found = [each for each in evidence.of_recipe(recipe.slug) if each.key.scenario == match["scenario"] and each.key.lane == "container"]
    if not found:
        raise BadInput(f"the recipe `{recipe.slug}` has no scenario `{match['scenario']}` in the container lane")
    standing = max(found, key=lambda each: int(each.key.python.partition(".")[2]))
    value = _size(standing.proof, match["which"]) if match["kind"] == "image" else _seconds(standing.proof, match["which"])
    if standing.outcome == "proven" and value is None:
        raise BadInput(f"the proof of {standing.key} holds no {match['kind']} `{match['which']}`")
    return Measure(match["label"], recipe, standing, value, "MB" if match["kind"] == "image" else "s")


def _size(proof: Proof | None, name: str) -> float | None:
    images = proof.containers.images if proof and proof.containers else []
    return next((image.bytes / 1e6 for image in images if image.name == name), None)


def _seconds(proof: Proof | None, number: str) -> float | None:
    builds = proof.containers.builds if proof and proof.containers else []
    return builds[int(number) - 1].seconds if number.isdigit() and 0 < int(number) <= len(builds) else None
