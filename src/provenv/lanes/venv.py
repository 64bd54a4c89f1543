"""The venv lane: a reader with Python and a shell, and nothing installed.

The reader makes the virtual environment; the lane gives the interpreter, pyenv or a stand-in index where a recipe needs one.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from provenv import index, interpreter
from provenv.errors import NotRun
from provenv.interpreter import Interpreter
from provenv.lanes import Surroundings
from provenv.proof import Key
from provenv.recipe import Recipe
from provenv.sandbox import Sandbox, host_programs

PREFIX = "/usr/local"
"""Prefix that is shown for the interpreter's own."""


class VenvLane:
    """See `provenv.lanes.Lane`."""

    name = "venv"

    @contextmanager
    def enter(self, recipe: Recipe, key: Key, sandbox: Sandbox, caches: Path) -> Iterator[Surroundings]:
        for need in recipe.matter.needs:
            if need in ("gpu", "docker"):
                raise NotRun(f"the venv lane does not offer `{need}`")
        if "network" in recipe.matter.needs:
            index.assert_reachable()
        found = interpreter.find(key.python)
        prefix = sandbox.root / "python"
        _give(interpreter.pristine(found, caches), prefix)
        if "pyenv" in recipe.matter.needs:
            _give_pyenv(recipe, sandbox, caches)
        stand_in = index.json_api_stand_in() if "pypi-json" in recipe.matter.needs else {}
        yield Surroundings(
            interpreter=found.version,
            programs=[prefix / "bin", host_programs(caches)],
            visible=list(prefix.glob("lib*/python3*/site-packages")),
            shown=_shown(found, prefix),
            variables=stand_in,
            stand_ins=[index.MIRROR_STAND_IN] if stand_in else [],
        )


def _give(pristine: Path, place: Path) -> None:
    """Put an interpreter of a scenario's own at `place`: links to the pristine one, and a site-packages that no other scenario shares."""
    shutil.copytree(pristine / "bin", place / "bin", symlinks=True)
    for library in pristine.glob("lib*/python3*"):
        own = place / library.relative_to(pristine)
        (own / "site-packages").mkdir(parents=True)
        _link(library, own)
    _link(pristine, place)
    for folder in pristine.glob("lib*"):
        _link(folder, place / folder.name)


def _link(source: Path, target: Path) -> None:
    """Link what a folder holds into another, where that has nothing of the name."""
    for entry in source.iterdir():
        if not (target / entry.name).exists():
            (target / entry.name).symlink_to(entry)


def _shown(found: Interpreter, prefix: Path) -> dict[Path, str]:
    """What a reader sees in the place of the interpreter's folders: its own, and those of the original that it links to."""
    originals = dict.fromkeys(found.libraries, f"{PREFIX}/lib/python{found.minor}")
    own = {} if str(found.prefix) in ("/", "/usr", PREFIX) else {found.prefix: PREFIX}
    return {prefix: PREFIX, **originals, **own}


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
        _give(interpreter.pristine(found, caches), own / "versions" / found.version)
