"""The container lane: a reader with a container engine and a shell, and no Python of their own.

The engine is the one of this machine. What a run makes on it carries the run's label and is gone afterwards; nothing else is touched.
"""

import fcntl
import json
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from provenv import base_image, docker_client, dockerfile, engine, index, pytorch_index, stand_ins
from provenv.conda import channel
from provenv.docker_client import State
from provenv.dockerfile import Dockerfile
from provenv.engine import BuildCache, Contents, Engine
from provenv.errors import NotRun
from provenv.known_host import KnownHost
from provenv.lanes import Observed, Surroundings
from provenv.proof import Build, Containers, Environment, Image, Key, Layer, Package, held_date
from provenv.recipe import Recipe
from provenv.sandbox import Sandbox, host_programs

_RUNNING = "running-"
"""First part of the name of the file that stands for a scenario on an engine."""
_SEEN: dict[tuple[str, ...], Contents] = {}
"""What base images hold, by the digests of their layers."""


class ContainerLane:
    """See `provenv.lanes.Lane`."""

    name = "container"

    @contextmanager
    def enter(self, recipe: Recipe, key: Key, sandbox: Sandbox, caches: Path) -> Iterator[Surroundings]:
        if "gpu" in recipe.matter.needs:
            raise NotRun("no GPU on this machine that containers can reach")
        found = engine.find(dict(recipe.matter.engines))
        if "network" in recipe.matter.needs:
            index.assert_reachable()
        as_of = held_date(key.as_of)
        state = State(
            program=str(found.program),
            kind=found.kind,
            version=found.version,
            host=found.host,
            mark=sandbox.mark,
            label=f"{engine.LABEL}={sandbox.mark}",
            slug=recipe.slug,
            as_of=as_of.isoformat() if as_of else "",
            caches=str(caches),
            folder=str(sandbox.root),
        )
        programs = sandbox.root / "programs"
        programs.mkdir()
        client = programs / "docker"
        client.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -m provenv.docker_client "{state.save()}" "$@"\n')
        client.chmod(0o755)
        with _one_of(recipe.slug, caches), _cache_as_before(found, caches), _server(recipe.matter.needs, found, caches) as asked:
            state = replace(state, known_host=asked.known_host, authority=asked.authority)
            state.save()
            try:
                yield Surroundings(
                    interpreter=key.python,
                    programs=[programs, host_programs(caches)],
                    visible=[],
                    shown={Path(sys.prefix): "[provenv]", **_home_of_root()},
                    variables=found.variables,
                    stand_ins=asked.said,
                    observe=lambda scrub: _observe(found, state, key.python, scrub),
                )
            finally:
                with _told_if_gone():
                    found.remove(sandbox.mark)


def _server(needs: Collection[str], found: Engine, caches: Path) -> AbstractContextManager[KnownHost]:
    """The server that the builds of a recipe ask beside the package index, or what stands in for it."""
    ready = channel.ready_for_builds if channel.NEED in needs else pytorch_index.ready
    return ready(needs, found, caches)


def make_stand_ins(recipes: Iterable[Recipe], caches: Path) -> list[str]:
    """Make the stand-ins for base images that the Dockerfiles of recipes name and no registry gives, so that a run adds no image.

    Gives their sentences; raises `NotRun` where there is no engine, or a stand-in cannot be made.
    """
    found = engine.find({"docker": "0", "podman": "0"})
    files = sorted(path for recipe in recipes for path in recipe.folder.rglob("*Dockerfile*") if path.suffix != ".dockerignore")
    names = dict.fromkeys(name for path in files for name in _images(dockerfile.read(path.read_text("utf-8"))))
    with tempfile.TemporaryDirectory(prefix="stand-ins-") as folder:
        bases = base_image.Bases(found, "", "", caches, Path(folder))
        made = [bases.find(name).stand_in for name in names if stand_ins.of(name)]
    return [each for each in dict.fromkeys(made) if each]


def _images(read: Dockerfile) -> Iterator[str]:
    for number in range(len(read.stages)):
        images = read.images(str(number))
        yield from (*images.bases, *images.sources)


def _home_of_root() -> dict[Path, str]:
    """The home folder of root is the same in every container, so it tells nothing of this machine."""
    return {Path.home(): "/root"} if str(Path.home()) == "/root" else {}


def remove_left(sandbox: Path) -> None:
    """Remove what a run that was killed left on the engine, if that still answers."""
    if (sandbox / docker_client.STATE).exists():
        with suppress(NotRun):
            engine.find({"docker": "0", "podman": "0"}).remove(sandbox.name)


@contextmanager
def _one_of(slug: str, caches: Path) -> Iterator[None]:
    """One scenario of a recipe at a time, also across processes, since its images bear the recipe's name."""
    place = caches / "locks"
    place.mkdir(parents=True, exist_ok=True)
    with (place / slug).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


# --- the build cache ------------------------------------------------------------------------------------------------------


@contextmanager
def _cache_as_before(found: Engine, caches: Path) -> Iterator[None]:
    """Clear the engine's build cache of what the scenarios put there: at the end of each, what no other can want, and at the last one's all.

    The first one in notes what was there. They may be threads or processes; one that was killed counts no more.
    """
    cache = BuildCache(found)
    folder = caches / "locks" / f"engine-{sha256(found.host.encode()).hexdigest()[:12]}"
    folder.mkdir(exist_ok=True)
    before = folder / "before"
    with (folder / "lock").open("w") as gate:
        # The file of a scenario comes and goes, and is locked, only while it is alone: nobody takes it for one that was left.
        with _alone(gate):
            mine = tempfile.NamedTemporaryFile(dir=folder, prefix=_RUNNING)  # noqa: SIM115 (it is closed below, alone again)
            fcntl.flock(mine, fcntl.LOCK_EX)
            if not _begun(folder, mine.name):
                before.write_text(json.dumps(sorted(cache.records())))
        try:
            yield
        finally:
            with _alone(gate), mine:
                cache.forget(json.loads(before.read_text()), min(_begun(folder, mine.name), default=None))


@contextmanager
def _alone(gate: IO[str]) -> Iterator[None]:
    fcntl.flock(gate, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(gate, fcntl.LOCK_UN)


def _begun(folder: Path, mine: str) -> list[datetime]:
    """When each of the other scenarios that are on the engine began; each holds a lock on a file for as long as it runs."""
    begun = []
    for path in folder.glob(f"{_RUNNING}*"):
        if str(path) == mine:
            continue
        with path.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                begun.append(datetime.fromtimestamp(path.stat().st_mtime, UTC))
                continue
            path.unlink(missing_ok=True)
    return begun


# --- what a run left --------------------------------------------------------------------------------------------------------


def _observe(found: Engine, state: State, python: str, scrub: Callable[[str], str]) -> Observed:
    events = [json.loads(line) for line in state.events.read_text().splitlines()] if state.events.exists() else []
    for event in events:
        if "not-run" in event:
            raise NotRun(event["not-run"])
    with _told_if_gone():
        labelled = found.images(state.mark)
        contents = {image.names[0]: _contents(found, image) for image in labelled}
    bases = [name for name in contents if name.startswith(base_image.PREFIX)]
    images = [image for image in labelled if image.names[0] not in bases]
    brought = {(folder, each) for name in bases for folder, packages in contents[name].distributions.items() for each in packages}
    stand_ins = dict.fromkeys(event["stand-in"] for event in events if event.get("stand-in"))
    pythons = sorted({each for held in contents.values() for each in held.pythons if each.startswith(f"{python}.")})
    return Observed(
        interpreter=pythons[0] if pythons else None,
        environments=[
            Environment(f"{image.names[0]}:{folder}", added)
            for image in images
            for folder, packages in contents[image.names[0]].distributions.items()
            if (added := [Package(each.name, each.version, each.local) for each in packages if (folder, each) not in brought])
        ],
        stand_ins=list(stand_ins),
        containers=Containers(
            engine=str(found),
            builds=[Build(scrub(each["build"]), each["seconds"], each["steps"], each["cached"]) for each in events if "build" in each],
            images=[_image(each, scrub) for each in images],
            added=_added(events, state),
        ),
    )


def _contents(found: Engine, image: engine.Image) -> Contents:
    """What an image holds. Under the run's own layer a base image is the same for all runs, so it is looked into once."""
    name = image.names[0]
    if not name.startswith(base_image.PREFIX):
        return found.contents(name)
    below = image.digests[:-1]
    if below not in _SEEN:
        _SEEN[below] = found.contents(name)
    return _SEEN[below]


@contextmanager
def _told_if_gone() -> Iterator[None]:
    try:
        yield
    except NotRun as error:
        raise NotRun(f"the engine went away in the middle of the run ({error}); start it and prove again") from None


def _image(image: engine.Image, scrub: Callable[[str], str]) -> Image:
    """An image as the proof keeps it: all that the build did not make is one layer."""
    below = max((number for number, layer in enumerate(image.layers) if layer.made_by == base_image.CONDITIONS), default=-1) + 1
    base = [Layer("the base image", sum(layer.bytes for layer in image.layers[:below]))] if below else []
    own = [Layer(scrub(layer.made_by), layer.bytes) for layer in image.layers[below:]]
    return Image(image.names[0], image.bytes, image.user, base + own)


def _added(events: list[dict[str, Any]], state: State) -> list[str]:
    """What the lane put into the reader's commands, for people."""
    said = []
    if any("build" in event or "compose" in event for event in events):
        bases = dict.fromkeys(event["base"] for event in events if "base" in event)
        said += [
            f"--build-context {name}=docker-image://… (the freeze date and this machine's certificates, on top of the image)"
            for name in bases
        ]
        if state.known_host:
            said.append(f"--add-host {state.known_host.partition(':')[0]}:… (where its stand-in listens)")
    return [*said, f"--label {engine.LABEL}=… (so that all of it is found and removed)"]
