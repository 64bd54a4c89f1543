"""The container lane: a reader with a container engine and a shell, and no Python of their own.

The engine is the one of this machine. What a run makes on it carries the run's label and is gone afterwards; nothing else is touched.
"""

import fcntl
import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from provenv import base_image, engine, index
from provenv.docker_client import State
from provenv.engine import BuildCache, Engine
from provenv.errors import NotRun
from provenv.lanes import Observed, Surroundings
from provenv.proof import Build, Containers, Environment, Image, Key, Layer, Package, held_date
from provenv.recipe import Recipe
from provenv.sandbox import Sandbox, host_programs


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
            mark=sandbox.mark,
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
        with _one_of(recipe.slug, caches), _cache_as_before(found):
            try:
                yield Surroundings(
                    interpreter=key.python,
                    programs=[programs, host_programs(caches)],
                    visible=[],
                    shown={},
                    observe=lambda scrub: _observe(found, state, scrub),
                )
            finally:
                found.remove(sandbox.mark)


@contextmanager
def _one_of(slug: str, caches: Path) -> Iterator[None]:
    """One scenario of a recipe at a time, since its images bear the recipe's name."""
    place = caches / "locks"
    place.mkdir(parents=True, exist_ok=True)
    with (place / slug).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


# --- the build cache ------------------------------------------------------------------------------------------------------


@dataclass
class _Running:
    """The scenarios of this process that are on the engine; the last one to leave clears the cache of what they all put there."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    count: int = 0
    before: set[str] = field(default_factory=set)
    all: ClassVar["_Running"]


_Running.all = _Running()


@contextmanager
def _cache_as_before(found: Engine) -> Iterator[None]:
    running, cache = _Running.all, BuildCache(found)
    with running.lock:
        if running.count == 0:
            running.before = set(cache.records())
        running.count += 1
    try:
        yield
    finally:
        with running.lock:
            running.count -= 1
            if running.count == 0:
                cache.forget(running.before)


# --- what a run left --------------------------------------------------------------------------------------------------------


def _observe(found: Engine, state: State, scrub: Callable[[str], str]) -> Observed:
    events = [json.loads(line) for line in state.events.read_text().splitlines()] if state.events.exists() else []
    for event in events:
        if "not-run" in event:
            raise NotRun(event["not-run"])
    try:
        images = [each for each in found.images(state.mark) if not each.names[0].startswith(base_image.PREFIX)]
        contents = {image.names[0]: found.contents(image.names[0]) for image in images}
    except NotRun as error:
        raise NotRun(f"the engine went away in the middle of the run ({error}); start it and prove again") from None
    stand_ins = dict.fromkeys(event["stand-in"] for event in events if event.get("stand-in"))
    pythons = sorted({python for each in contents.values() for python in each.pythons})
    return Observed(
        interpreter=", ".join(pythons) or None,
        environments=[
            Environment(f"{name}:{folder}", [Package(*each) for each in packages])
            for name, held in contents.items()
            for folder, packages in held.distributions.items()
        ],
        stand_ins=list(stand_ins),
        containers=Containers(
            engine=str(found),
            builds=[Build(scrub(each["build"]), each["seconds"], each["steps"], each["cached"]) for each in events if "build" in each],
            images=[_image(each, scrub) for each in images],
            added=_added(events, found),
        ),
    )


def _image(image: engine.Image, scrub: Callable[[str], str]) -> Image:
    """An image as the proof keeps it: all that the build did not make is one layer."""
    below = max((number for number, layer in enumerate(image.layers) if layer.made_by == base_image.CONDITIONS), default=-1) + 1
    base = [Layer("the base image", sum(layer.bytes for layer in image.layers[:below]))] if below else []
    own = [Layer(scrub(layer.made_by), layer.bytes) for layer in image.layers[below:]]
    return Image(image.names[0], image.bytes, image.user, base + own)


def _added(events: list[dict[str, Any]], found: Engine) -> list[str]:
    """What the lane put into the reader's commands, for people."""
    said = []
    if any("build" in event or "compose" in event for event in events):
        bases = dict.fromkeys(event["base"] for event in events if "base" in event)
        said += [
            f"--build-context {name}=docker-image://… (the freeze date and this machine's certificates, on top of the image)"
            for name in bases
        ]
    return [*said, f"--label {engine.LABEL}=… (so that all of it is found and removed)"]
