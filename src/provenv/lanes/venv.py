"""The venv lane: a reader with Python and a shell, and nothing installed.

The reader makes the virtual environment; the lane gives the interpreter, pyenv or a stand-in index where a recipe needs one.
"""

import shutil
from pathlib import Path

from provenv import index, interpreter
from provenv.errors import NotRun
from provenv.lanes import Surroundings
from provenv.recipe import Recipe
from provenv.sandbox import Sandbox, host_programs

PREFIX = "/usr/local"
"""Prefix that is shown for the interpreter's own."""


class VenvLane:
    """See `provenv.lanes.Lane`."""

    name = "venv"

    def enter(self, recipe: Recipe, python: str, sandbox: Sandbox, caches: Path) -> Surroundings:
        for need in recipe.matter.needs:
            if need in ("gpu", "docker"):
                raise NotRun(f"the venv lane does not offer `{need}`")
        if "network" in recipe.matter.needs:
            index.assert_reachable()
        found = interpreter.find(python)
        prefix = interpreter.pristine(found, caches)
        if "pyenv" in recipe.matter.needs:
            _give_pyenv(recipe, sandbox, caches)
        stand_in = index.json_api_stand_in() if "pypi-json" in recipe.matter.needs else {}
        return Surroundings(
            interpreter=found.version,
            programs=[prefix / "bin", host_programs(caches)],
            visible=list(prefix.glob("lib*/python3*/site-packages")),
            shown={prefix: PREFIX},
            variables=stand_in,
            stand_ins=[index.MIRROR_STAND_IN] if stand_in else [],
        )


def _give_pyenv(recipe: Recipe, sandbox: Sandbox, caches: Path) -> None:
    """Put a `~/.pyenv` with the machine's pyenv and pristine copies of the interpreters that the recipe names."""
    root = interpreter.pyenv_root()
    if root is None:
        raise NotRun("no pyenv on this machine; install it and set PYENV_ROOT")
    own = sandbox.home / ".pyenv"
    (own / "versions").mkdir(parents=True)
    for part in ("bin", "libexec", "pyenv.d", "plugins", "completions"):
        if (root / part).is_dir():
            shutil.copytree(root / part, own / part, symlinks=True)
    for python in recipe.matter.pythons:
        found = interpreter.find(python)
        shutil.copytree(interpreter.pristine(found, caches), own / "versions" / found.version, symlinks=True)
