"""What the site can show of a step: its commands, its proofs, and the exact outputs of this machine's runs where they are at hand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import msgspec

from provenv.errors import BadInput
from provenv.ledger import Standing
from provenv.project import Project
from provenv.proof import StepProof
from provenv.prove import StepRecord
from provenv.proving import transcript_path
from provenv.recipe import Recipe, Scenario, Step


class _Transcript(msgspec.Struct, frozen=True):
    ran_at: datetime
    steps: list[StepRecord]


@dataclass(frozen=True)
class StepEvidence:
    """How one step stands on one Python, and what it printed there, if that is at hand."""

    standing: Standing
    record: StepRecord | None
    seconds: float | None
    instead: str | None = None
    """What was run in its place, and did what it should."""


class Evidence:
    """Everything that the pages of a project can show, read once."""

    def __init__(self, project: Project) -> None:
        self.project = project

    @cached_property
    def standings(self) -> list[Standing]:
        """How every proof that must exist stands."""
        return self.project.standings()

    @cached_property
    def today(self) -> list[Standing]:
        """How the proofs with the index of the day stand."""
        return self.project.today()

    @cached_property
    def _recipes(self) -> dict[str, Recipe]:
        return {recipe.slug: recipe for recipe in self.project.recipes}

    def recipe(self, slug: str) -> Recipe:
        """A recipe by name; raises `BadInput` if there is none."""
        if slug not in self._recipes:
            raise BadInput(f"there is no recipe `{slug}`; there are: {', '.join(self._recipes)}")
        return self._recipes[slug]

    def step(self, reference: str) -> tuple[Recipe, Scenario, Step]:
        """The step that `recipe#id` names; raises `BadInput` with the ids that exist."""
        slug, _, step_id = reference.partition("#")
        recipe = self.recipe(slug)
        for scenario in recipe.scenarios:
            for step in scenario.steps:
                if step.id == step_id:
                    return recipe, scenario, step
        raise BadInput(f"the recipe `{slug}` has no step `{step_id}`; it has: {', '.join(step.id for step in recipe.steps)}")

    @cached_property
    def _commands(self) -> list[str]:
        return [" ".join(command.text.split()) for recipe in self.project.recipes for step in recipe.steps for command in step.commands]

    def runs(self, command: str) -> bool:
        """Whether a command, or one that begins with the same words, is run by some step."""
        words = re.escape(" ".join(command.split()))
        pattern = re.compile(rf"(?:^|[\s/;&|(]){words}(?=[\s;&|)]|$)")
        return any(pattern.search(each) for each in self._commands)

    def of_recipe(self, slug: str) -> list[Standing]:
        """How the proofs of a recipe stand."""
        return [each for each in self.standings if each.key.recipe == slug]

    def of_step(self, recipe: Recipe, scenario: Scenario, step: Step) -> Iterator[StepEvidence]:
        """How a step stands on each Python."""
        for standing in self.of_recipe(recipe.slug):
            if standing.key.scenario != scenario.name:
                continue
            proved = next((each for each in standing.proof.steps if each.id == step.id), None) if standing.proof else None
            records = [each for each in self._records(standing) if proved and each.id == step.id and each.digest == proved.transcript]
            seconds = sum(command.seconds for command in proved.commands) if proved else None
            yield StepEvidence(_of_step(standing, proved), records[0] if records else None, seconds, proved.instead if proved else None)

    def _records(self, standing: Standing) -> list[StepRecord]:
        """The outputs of the run that made a proof, if they lie on this machine."""
        try:
            kept = msgspec.json.decode(transcript_path(self.project, standing.key).read_bytes(), type=_Transcript)
        except (OSError, msgspec.DecodeError):
            return []
        return kept.steps


def _of_step(standing: Standing, proved: StepProof | None) -> Standing:
    """How one step stands in a scenario: in a proven one, a step that was not run itself is not run."""
    if standing.outcome != "proven" or proved is None:
        return standing
    return replace(standing, outcome="not run", reason=proved.not_run) if proved.not_run else replace(standing, reason="")
