"""The conda lane: a reader with conda and a shell, and no Python of their own.

Steps run with the machine's own conda where there is one. Elsewhere a step says what is run in its place (`instead`), by py-rattler, and its
proof tells the two apart.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from provenv import index
from provenv.conda import audit, channel
from provenv.conda.audit import Prefix
from provenv.conda.channel import Channels
from provenv.errors import NotRun
from provenv.lanes import InPlace, Observed, Surroundings
from provenv.proof import Conda, CondaPackage, Environment, Key, Package, held_date
from provenv.recipe import Recipe, Step
from provenv.sandbox import Sandbox, host_programs
from provenv.scrub import HOME

CHOICE = "PROVENV_CONDA"
"""Environment variable that chooses the command: `conda`, `mamba`, `micromamba`, or `rattler` for py-rattler."""
RATTLER = "rattler"
PROGRAMS = "programs"
"""Name of the folder in the sandbox that holds conda, or what is run in its place."""
_COMMANDS = ("conda", "mamba", "micromamba")
_HOOKS = {
    "conda": 'eval "$(conda shell.bash hook)"',
    "mamba": 'eval "$(mamba shell hook --shell bash)"',
    "micromamba": 'eval "$(micromamba shell hook --shell bash)"',
}


@dataclass(frozen=True)
class Backend:
    """What makes the environments."""

    name: str
    """`conda`, `mamba`, `micromamba` or `rattler`."""
    version: str
    program: Path | None

    def __str__(self) -> str:
        return f"{'py-rattler' if self.name == RATTLER else self.name} {self.version}"


class CondaLane:
    """See `provenv.lanes.Lane`."""

    name = "conda"

    @contextmanager
    def enter(self, recipe: Recipe, key: Key, sandbox: Sandbox, caches: Path) -> Iterator[Surroundings]:
        for need in recipe.matter.needs:
            if need in ("gpu", "docker"):
                raise NotRun(f"the conda lane does not offer `{need}`")
        if "network" in recipe.matter.needs:
            index.assert_reachable()
        backend = find()
        channels = channel.ready(caches)
        variables = _settle(backend, channels, key, sandbox, caches)
        as_of = held_date(key.as_of)
        limit = datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC).timestamp() if as_of else None
        yield Surroundings(
            interpreter=key.python,
            programs=[sandbox.root / PROGRAMS, host_programs(caches)],
            visible=[],
            shown={Path(sys.prefix): "[provenv]"},
            variables=variables,
            stand_ins=list(channels.stand_ins),
            prelude=_HOOKS.get(backend.name, ""),
            in_place=lambda step: _in_place(backend, step),
            observe=lambda scrub: _observe(sandbox, backend, channels, limit, key.python, scrub),
        )


def find() -> Backend:
    """What makes the environments on this machine; raises `NotRun` where the chosen one is not here."""
    chosen = os.environ.get(CHOICE)
    if chosen and chosen not in (*_COMMANDS, RATTLER):
        raise NotRun(f"{CHOICE} is `{chosen}`; it names {', '.join(f'`{name}`' for name in _COMMANDS)} or `{RATTLER}`")
    names = [chosen] if chosen else [*_COMMANDS, RATTLER]
    for name in names:
        if name == RATTLER:
            return _rattler()
        program = shutil.which(name)
        if program:
            return Backend(name, _version(Path(program)), Path(program))
    raise NotRun(f"{CHOICE} asks for {chosen}, and there is none on PATH")


def _rattler() -> Backend:
    try:
        import rattler
    except ImportError:
        raise NotRun("no conda, mamba or micromamba on PATH, and py-rattler is not installed beside provenv; install one of them") from None
    return Backend(RATTLER, rattler.__version__, None)


def _version(program: Path) -> str:
    """The version that a command tells; an empty answer is left to the steps, which will not get far with it."""
    try:
        place = tempfile.gettempdir()  # whatever it is, it has no business in the folder in hand
        told = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60, check=False, cwd=place).stdout
    except (OSError, subprocess.TimeoutExpired):
        told = ""
    return told.strip().split("\n")[0].removeprefix(f"{program.name} ") or "of an unknown version"


def _settle(backend: Backend, channels: Channels, key: Key, sandbox: Sandbox, caches: Path) -> dict[str, str]:
    """Write what leads conda, or what is run in its place, to the channels, the caches and the Python of this run; gives the variables."""
    pinned = [f"python {key.python}.*"]
    settings = {
        "channels": ["conda-forge"],
        "channel_priority": "strict",
        "custom_multichannels": {name: [address] for name, address in channels.addresses.items()},
        "pinned_packages": pinned,
        "pkgs_dirs": [str(caches / "conda" / "pkgs")],
        "auto_activate_base": False,
        "notify_outdated_conda": False,
        "show_channel_urls": False,
    }
    condarc = sandbox.root / "condarc"
    condarc.write_text(json.dumps(settings, indent=1))  # JSON is YAML
    (sandbox.root / "rattler.json").write_text(
        json.dumps({"addresses": channels.addresses, "cache": str(caches / "rattler"), "newest": _newest(key), "pinned": pinned})
    )
    program = sandbox.root / PROGRAMS / (backend.name if backend.program else "rattler-conda")
    program.parent.mkdir()
    if backend.program:
        program.symlink_to(backend.program)
    else:
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -m provenv.conda.program "$@"\n')
        program.chmod(0o755)
    return {
        "CONDARC": str(condarc),
        "MAMBARC": str(condarc),
        "CONDA_PKGS_DIRS": str(caches / "conda" / "pkgs"),
        "MAMBA_ROOT_PREFIX": str(sandbox.home / ".mamba"),
        "RATTLER_CONDA_STATE": str(sandbox.root / "rattler.json"),
        "PIP_ROOT_USER_ACTION": "ignore",  # pip warns of root in a conda environment, which is no venv, and a reader is no root
        "RATTLER_CACHE_DIR": str(caches / "rattler"),
        "NO_PROXY": ",".join(filter(None, [os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), "127.0.0.1"])),
    }


def _newest(key: Key) -> str:
    as_of = held_date(key.as_of)
    return as_of.isoformat() if as_of else ""


def _in_place(backend: Backend, step: Step) -> InPlace | None:
    """What is run in the place of a step that conda is needed for, None if the step itself is."""
    if step.instead is None or backend.name == "conda":
        return None
    if backend.name == RATTLER:
        return InPlace(step.instead, "no conda on the machine")
    commands = (re.sub(r"(?<![\w./-])conda(?= )", backend.name, command.text) for command in step.commands)
    return InPlace(" &&\n".join(commands), f"{backend.name} is the machine's conda")


# --- what a run left --------------------------------------------------------------------------------------------------------


def _observe(  # noqa: PLR0917 (what a run was told, and what it left)
    sandbox: Sandbox, backend: Backend, channels: Channels, limit: float | None, python: str, scrub: Callable[[str], str]
) -> Observed:
    prefixes = audit.find(sandbox.home)
    for prefix in prefixes:
        try:
            prefix.packages  # noqa: B018 (are they to be read?)
        except (ValueError, LookupError, TypeError, AttributeError):
            hole = f"the environment `{prefix.folder.name}` has a record in conda-meta that nobody can read"
            return Observed(conda=Conda(str(backend), channels.said), hole=hole)
    pythons = sorted({package.version for prefix in prefixes for package in prefix.packages if package.name == "python"})
    return Observed(
        interpreter=pythons[0] if pythons else None,
        environments=[_environment(prefix, scrub) for prefix in prefixes],
        conda=Conda(str(backend), channels.said),
        hole=_hole(prefixes, limit, python),
    )


def _environment(prefix: Prefix, scrub: Callable[[str], str]) -> Environment:
    return Environment(
        scrub(str(prefix.folder)).replace(HOME, "~", 1),
        [Package(each.name, each.version, each.local) for each in prefix.distributions],
        [CondaPackage(each.name, each.version, each.build) for each in prefix.packages],
    )


def _hole(prefixes: Sequence[Prefix], limit: float | None, python: str) -> str:
    """Why what was left proves nothing, empty if it does."""
    if not any(prefix.packages for prefix in prefixes):
        return "no step left a conda environment, so nothing proves that the commands did what they say"
    for prefix in prefixes:
        if (prefix.folder / audit.UNFINISHED).exists():
            return f"the environment `{prefix.folder.name}` is only half there"
        for package in prefix.packages:
            if package.name == "python" and not package.version.startswith(f"{python}."):
                return f"the environment `{prefix.folder.name}` has Python {package.version}, and the proof is for {python}"
            if limit is not None and package.timestamp >= limit and not package.channel.startswith("file:"):
                when = datetime.fromtimestamp(package.timestamp, UTC).date()
                return f"the channel was not held: {package.name} {package.version} was built on {when}, after the freeze date"
    return ""
