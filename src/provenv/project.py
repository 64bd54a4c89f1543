"""A project: the folder with `recipes/`, `docs/` and `proofs/`, and its settings in `pyproject.toml`."""

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from provenv import recipe
from provenv.errors import BadInput
from provenv.ledger import Ledger
from provenv.recipe import Recipe

MAX_AGE_DAYS = 30
"""Days after which a proof is stale, unless `[tool.provenv] max-age-days` says otherwise."""


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
        return [recipe.load(folder) for folder in folders]

    def recipe(self, slug: str) -> Recipe:
        """One recipe; raises `BadInput` with the names that exist for an unknown one."""
        folder = self.root / "recipes" / slug
        if folder.parent != self.root / "recipes" or not folder.is_dir():
            raise BadInput(f"there is no recipe `{slug}`; there are: {', '.join(each.slug for each in self.recipes)}")
        return recipe.load(folder)

    @cached_property
    def max_age(self) -> timedelta:
        """Age beyond which a proof is stale."""
        path = self.root / "pyproject.toml"
        try:
            settings = tomllib.loads(path.read_text("utf-8")).get("tool", {}).get("provenv", {})
        except FileNotFoundError:
            settings = {}
        except tomllib.TOMLDecodeError as error:
            raise BadInput(f"is not TOML: {error}", path) from None
        days = settings.get("max-age-days", MAX_AGE_DAYS)
        if not isinstance(days, int) or days < 1:
            raise BadInput(f"`[tool.provenv] max-age-days` is {days!r}; write a whole number of days above 0", path)
        return timedelta(days=days)


def find(start: Path) -> Project:
    """The project that a folder belongs to; raises `BadInput` outside of any."""
    for folder in (start, *start.parents):
        if (folder / "recipes").is_dir() and (folder / "mkdocs.yml").is_file():
            return Project(folder)
    raise BadInput("this folder is in no Provenv project (a folder with recipes/ and mkdocs.yml); change to one", start)
