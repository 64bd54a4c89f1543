"""Styles of Dockerfiles for the same program, beside the naive one; and what the container lane costs beside a bare `docker build`."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from measure import PROVENV, Figure, Target, Unusable, new_project, ratios, run, side_by_side, spread

from provenv import engine, sandbox
from provenv.base_image import Bases
from provenv.docker_client import State
from provenv.engine import Engine
from provenv.errors import NotRun

ROUNDS = 2
LIMIT = 1.05
NAIVE = "naive"
STYLES = {
    "ordered": "Dependencies before the code, in one stage",
    "multi-stage": "Multi-stage, the environment copied",
    "multi-stage-uv": "Multi-stage with uv",
}
_HERE = Path(__file__).with_name("styles")
_AS_OF = "2026-11-15"
_README = """\
---
title: A style
summary: Measured, not followed.
lanes: [container]
pythons: ["3.13"]
as-of: {as_of}
guides: [benchmarks]
---

```console id="cold"
$ docker build -t {slug} .
...
$ docker run --rm {slug}
nearest 0
```

```console id="warm"
$ echo '# a change' >> app/main.py
$ docker build -t {slug} .
...
$ docker run --rm {slug}
nearest 0
```
"""


def the_engine() -> Engine:
    """The engine of this machine; raises `Unusable` if there is none."""
    try:
        return engine.find({"docker": "23.0"})
    except NotRun as reason:
        raise Unusable(str(reason)) from None


def measure_styles(folder: Path) -> list[Figure]:
    """Megabytes of the image and seconds of a rebuild after a source change, of each style beside the naive one."""
    the_engine()
    folder.mkdir()
    place = new_project(folder / "project")
    names = [NAIVE, *STYLES]
    for name in names:
        target = place / "recipes" / f"style-{name}"
        shutil.copytree(_HERE / "app", target / "app")
        shutil.copy(_HERE / "requirements.txt", target)
        shutil.copy(_HERE / f"{name}.Dockerfile", target / "Dockerfile")
        (target / "README.md").write_text(_README.format(slug=target.name, as_of=_AS_OF), "utf-8")
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for _ in range(ROUNDS):
        for name in names:
            found[name].append(_style(place, f"style-{name}"))
    sizes = {name: spread([size for size, _ in values]) for name, values in found.items()}
    rebuilds = {name: spread([seconds for _, seconds in values]) for name, values in found.items()}
    figures = []
    for what, unit, values, how in (
        ("image size", "MB", sizes, "Megabytes of the image, as the engine tells them"),
        ("rebuild after a source change", "s", rebuilds, "Seconds of a build after one line of the program changed"),
    ):
        for name, title in STYLES.items():
            peers = {"the naive Dockerfile": values[NAIVE]}
            told = f"{how}; the program needs numpy and one package that has to be compiled."
            figures.append(Figure(f"{name}-{unit}", f"{title}: {what}", told, unit, values[name], peers, ratios(values[name], peers), []))
    return figures


def _style(place: Path, slug: str) -> tuple[float, float]:
    """Megabytes and seconds of the second build of one style."""
    _, told = run([*PROVENV, "prove", slug, "--json"], place, caches=sandbox.cache_folder(), limit=600)
    proof = json.loads(told.splitlines()[-1])["proof"]
    image = next(each for each in proof["containers"]["images"] if each["name"] == f"{slug}:latest")
    return image["bytes"] / 1e6, proof["containers"]["builds"][1]["seconds"]


def measure_lane(folder: Path) -> Figure:
    """Seconds of a cold build through the lane's `docker`, beside the engine's own."""
    found = the_engine()
    folder.mkdir()
    (folder / "Dockerfile").write_text(
        "FROM python:3.13-slim\nRUN pip install --no-cache-dir --root-user-action=ignore scikit-learn==1.7.2 pandas==2.3.3\n"
    )
    mark = Path(tempfile.mkdtemp(prefix="provenv-bench-", dir=folder)).name
    state = State(
        program=str(found.program),
        kind=found.kind,
        version=found.version,
        host=found.host,
        mark=mark,
        label=f"{engine.LABEL}={mark}",
        slug="bench",
        as_of=_AS_OF,
        caches=str(sandbox.cache_folder()),
        folder=str(folder / mark),
    )
    client = [sys.executable, "-I", "-m", "provenv.docker_client", str(state.save())]
    base = Bases(found, mark, _AS_OF, sandbox.cache_folder(), folder / mark).base("python:3.13-slim")
    assert base is not None
    bare = [str(found.program)]
    build = ["build", "--no-cache", "-t", "bench", "."]
    placed = [
        "build",
        "--no-cache",
        "--build-context",
        f"python:3.13-slim=docker-image://{base.image}",
        "--label",
        state.label,
    ]
    contenders: dict[str, Callable[[], float]] = {
        "provenv": lambda: _seconds([*client, *build], folder),
        "docker build": lambda: _seconds([*bare, *placed, "-t", "bench", "."], folder),
    }
    try:
        values = side_by_side(contenders, ROUNDS + 1)
    finally:
        found.remove(mark)
    own, peers = spread(values["provenv"]), {"docker build": spread(values["docker build"])}
    return Figure(
        name="lane",
        title="A cold build through the container lane",
        how="Seconds of a build without cache that installs scikit-learn and pandas, once its base image is ready.",
        unit="s",
        provenv=own,
        peers=peers,
        ratios=ratios(own, peers),
        targets=[Target("at most 5 % above docker build", own.median / peers["docker build"].median, LIMIT)],
    )


def _seconds(command: list[str], folder: Path) -> float:
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unusable(f"a build failed:\n{done.stderr[-2000:]}")
    return time.perf_counter() - begun
