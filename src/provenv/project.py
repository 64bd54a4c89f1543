"""A project: the folder with `recipes/`, `docs/` and `proofs/`, and its settings in `pyproject.toml`."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated

import msgspec

from provenv import recipe
from provenv.errors import BadInput
from provenv.ledger import Ledger, Standing
from provenv.recipe import Recipe

MAX_AGE_DAYS = 30
"""Days after which a proof is stale, unless `[tool.provenv] max-age-days` says otherwise."""


class _Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    max_age_days: Annotated[int, msgspec.Meta(ge=1, le=36500)] = MAX_AGE_DAYS
    instead_until: date | None = None


class _Tools(msgspec.Struct, frozen=True):
    provenv: _Settings = _Settings()


class _Pyproject(msgspec.Struct, frozen=True):
    tool: _Tools = _Tools()


@dataclass(frozen=True)
class Project:
    """A project by its root folder."""

    root: Path

    @property
    def docs(self) -> Path:
        return self.root / "docs"

    @property
    def runs(self) -> Path:
        """Scrubbed outputs of this machine's runs; never committed."""
        return self.root / ".provenv" / "runs"

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.root / "proofs")

    @cached_property
    def recipes(self) -> list[Recipe]:
        """Every recipe, by slug; raises `BadInput` for one that cannot be read, or if there is none."""
        folders = sorted(path for path in (self.root / "recipes").iterdir() if path.is_dir() and any(path.iterdir()))
        if not folders:
            raise BadInput("there is no recipe, so nothing would be proven; add recipes/NAME/README.md", self.root / "recipes")
        recipes = [recipe.load(folder) for folder in folders]
        _refuse_twins(recipes)
        return recipes

    def recipe(self, slug: str) -> Recipe:
        """One recipe; raises `BadInput` with the names that exist for an unknown one."""
        folder = self.root / "recipes" / slug
        if folder.parent != self.root / "recipes" or not folder.is_dir():
            raise BadInput(f"there is no recipe `{slug}`; there are: {', '.join(each.slug for each in self.recipes)}")
        return recipe.load(folder)

    @property
    def max_age(self) -> timedelta:
        """Age beyond which a proof is stale."""
        return timedelta(days=self._settings.max_age_days)

    @property
    def instead_until(self) -> date | None:
        """Last day on which a scenario counts as proven though something was run in the place of some of its steps."""
        return self._settings.instead_until

    def standings(self, recipes: Sequence[Recipe] | None = None) -> list[Standing]:
        """How each proof that must exist stands now."""
        return list(self.ledger.standings(self.recipes if recipes is None else recipes, self.max_age, None, self.instead_until))

    def today(self) -> list[Standing]:
        """How the proofs with the index of the day stand now."""
        return list(self.ledger.today(self.recipes, self.max_age))

    @cached_property
    def _settings(self) -> _Settings:
        path = self.root / "pyproject.toml"
        try:
            return msgspec.convert(tomllib.loads(path.read_text("utf-8")), _Pyproject).tool.provenv
        except FileNotFoundError:
            return _Settings()
        except msgspec.ValidationError as error:
            raise BadInput(
                f"{error}; under `[tool.provenv]`, `max-age-days` is a whole number of days from 1 to 36500, `instead-until` a date", path
            ) from None
        except ValueError as error:
            raise BadInput(f"is not TOML: {error}", path) from None


def _refuse_twins(recipes: list[Recipe]) -> None:
    """Refuse a trap whose id another one has."""
    taken: dict[str, str] = {}
    for each in recipes:
        if each.matter.id and taken.setdefault(each.matter.id, each.slug) != each.slug:
            raise BadInput(f"the id {each.matter.id} is taken by the recipe `{taken[each.matter.id]}`; take the next free one", each.readme)


def find(start: Path) -> Project:
    """The project that a folder belongs to; raises `BadInput` outside of any."""
    for folder in (start, *start.parents):
        if (folder / "recipes").is_dir() and (folder / "mkdocs.yml").is_file():
            return Project(folder)
    raise BadInput("this folder is in no Provenv project (a folder with recipes/ and mkdocs.yml); change to one", start)
