"""Builds of a scenario, by `docker build` and by Compose: each finds the run's place of every base image, and is watched."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from provenv import dockerfile
from provenv.base_image import Bases
from provenv.docker_client import State, replace_self, tell
from provenv.engine import LABEL, Engine
from provenv.errors import NotRun

_FLAGS_OF_BUILD = frozenset(
    ["-q", "--quiet", "--no-cache", "--pull", "--load", "--push", "--rm", "--force-rm", "--squash", "--compress", "-D", "--debug"]
)
_STEP = re.compile(r"#(\d+) \[(?:[^\]]* )?\d+/\d+\] ")
_CACHED = re.compile(r"#(\d+) CACHED")
_TROUBLES = {
    "no space left on device": "no space is left on the engine's disk; free some (`docker system df` shows what takes it) and prove again",
    "error reading from server: eof": "the engine went away in the middle of a build; start it and prove again",
    "cannot connect to the docker daemon": "the engine does not answer; start it and prove again",
}
"""What a build prints, in small letters, when it is not the recipe that fails."""


@dataclass
class _Build:
    """The options of a build that matter here."""

    tags: list[str]
    arguments: dict[str, str]
    contexts: set[str]
    file: str = ""
    target: str = ""
    place: str = ""


def _options(words: Sequence[str]) -> _Build:
    build = _Build([], {}, set())
    pending = iter(words)
    for word in pending:
        if not word.startswith("-") or word == "-":
            build.place = word
            continue
        name, given, value = word.partition("=")
        if name in _FLAGS_OF_BUILD:
            continue
        if not given:
            value = word[2:] if re.match(r"-[ft].", word) else next(pending, "")
            name = word[:2] if re.match(r"-[ft].", word) else word
        if name in ("-t", "--tag"):
            build.tags.append(value)
        elif name in ("-f", "--file"):
            build.file = value
        elif name == "--target":
            build.target = value
        elif name == "--build-arg":
            key, known, default = value.partition("=")
            build.arguments[key] = default if known else os.environ.get(key, "")
        elif name == "--build-context":
            build.contexts.add(value.partition("=")[0])
    return build


def build(state: State, words: list[str], at: int) -> int:
    """A build: with the run's label, and with the places of its base images."""
    options = _options(words[at:])
    piped = sys.stdin.buffer.read() if "-" in (options.place, options.file) else None
    _refuse_foreign_names(state, options.tags)
    text = piped.decode("utf-8", "replace") if piped is not None else _text(options)
    added = ["--label", state.label]
    if state.known_host:
        added += ["--add-host", state.known_host]
    if text is not None:
        added += _contexts(state, text, options)
    begun = time.monotonic()
    code, steps, cached, trouble = _watch([state.program, *words[:at], *added, *words[at:]], piped)
    if trouble:
        tell(state, {"not-run": trouble})
    seconds = round(time.monotonic() - begun, 3)
    tell(state, {"build": " ".join(["docker", *words]), "seconds": seconds, "steps": steps, "cached": cached, "exit": code})
    return code


def _text(options: _Build) -> str | None:
    """The Dockerfile of a build from a folder; None if there is none, which the engine itself tells best."""
    path = Path(options.file or Path(options.place or ".", "Dockerfile"))
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _contexts(state: State, text: str, options: _Build) -> list[str]:
    read = dockerfile.read(text, options.arguments)
    images = read.images(options.target)
    bases = Bases(_engine(state), state.mark, state.as_of, Path(state.caches), Path(state.folder), state.authority)
    if "syntax" in read.directives and not bases.registry_answers(read.directives["syntax"]):
        raise NotRun(f"`# syntax={read.directives['syntax']}` fetches an image, and no registry is reached")
    places = {name: bases.base(name) for name in images.bases if name not in options.contexts}
    places |= {name: bases.source(name) for name in images.sources if name not in options.contexts and name not in places}
    for name, place in places.items():
        if place:
            tell(state, {"base": name, "place": place.image, "stand-in": place.stand_in})
    return [
        part for name, place in places.items() if place for part in ("--build-context", f"{_familiar(name)}=docker-image://{place.image}")
    ]


def _familiar(name: str) -> str:
    """The name under which BuildKit looks a named context up."""
    return name.removeprefix("docker.io/").removeprefix("library/").removesuffix(":latest")


def _refuse_foreign_names(state: State, tags: Sequence[str]) -> None:
    """A recipe's images bear its name, and an image that the run did not make is never given another content."""
    for tag in tags:
        if not re.match(rf"(?:localhost:\d+/|127\.0\.0\.1:\d+/)?{re.escape(state.slug)}(?![a-z0-9])", tag):
            raise NotRun(
                f"the image `{tag}` does not bear the recipe's name; tag it `{state.slug}`, so that nothing of yours is overwritten"
            )
        if _engine(state).label_of(tag, LABEL) not in (None, state.mark):
            raise NotRun(f"an image `{tag}` that this run did not make is on the engine; rename it, so that it is not overwritten")


def _watch(command: Sequence[str], piped: bytes | None) -> tuple[int, int, int, str]:
    """Run a build and pass its output on; gives its exit code, the number of its steps, how many came from the cache, and any trouble."""
    steps, cached, trouble = set[str](), set[str](), ""
    # The program is named by its own name, so that what it prints of itself is what a reader sees.
    with subprocess.Popen(
        ["docker", *command[1:]],
        executable=command[0],
        stdin=None if piped is None else subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        if piped is not None:
            assert process.stdin is not None
            process.stdin.write(piped)
            process.stdin.close()
        assert process.stderr is not None
        for line in process.stderr:
            os.write(2, line)
            text = line.decode("utf-8", "replace")
            steps.update(match[1] for match in [_STEP.match(text)] if match)
            cached.update(match[1] for match in [_CACHED.match(text)] if match)
            trouble = trouble or next((said for sign, said in _TROUBLES.items() if sign in text.lower()), "")
    return process.returncode, len(steps), len(cached & steps), trouble if process.returncode else ""


# --- compose --------------------------------------------------------------------------------------------------------------


def compose(state: State, words: list[str], at: int) -> int:
    """Compose: with one more file that gives labels to what it makes and places to the base images of what it builds."""
    options, rest = _compose_options(words[at:])
    files = [value for name, value in options if name in ("-f", "--file")] or _compose_files()
    given = [part for pair in options for part in pair if part]
    if not rest or rest[0] in ("version", "ls", "--help") or not files:
        return replace_self(state, words)
    told = json.loads(_engine(state).call(*words[:at], *given, "config", "--format", "json"))
    override = Path(state.folder, "compose-run.json")
    override.write_text(json.dumps(_override(state, told)))
    named = [] if any(name in ("-f", "--file") for name, _ in options) else [part for file in files for part in ("-f", file)]
    tell(state, {"compose": " ".join(["docker", *words])})
    return replace_self(state, [*words[:at], *given, *named, "-f", str(override), *rest])


def _compose_options(words: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """The options before compose's own subcommand, as name and value, and the rest."""
    flags = ("--all-resources", "--compatibility", "--dry-run", "--verbose")
    options, at = [], 0
    while at < len(words) and words[at].startswith("-"):
        name, given, _ = words[at].partition("=")
        alone = bool(given) or name in flags
        options.append((words[at], "" if alone or at + 1 >= len(words) else words[at + 1]))
        at += 1 if alone else 2
    return options, list(words[at:])


def _compose_files() -> list[str]:
    names = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
    first = next((name for name in names if Path(name).is_file()), "")
    override = first.replace(".y", ".override.y") if first else ""
    return [name for name in (first, override) if name and Path(name).is_file()]


def _override(state: State, told: Mapping[str, dict[str, dict[str, object]]]) -> dict[str, object]:
    label = {LABEL: state.mark}
    return {
        "services": {name: dict(_service(state, service, label)) for name, service in told.get("services", {}).items()},
        "volumes": {name: {"labels": label} for name in told.get("volumes", {})},
        "networks": {name: {"labels": label} for name in told.get("networks", {})},
    }


def _service(state: State, service: Mapping[str, object], label: Mapping[str, str]) -> Iterator[tuple[str, object]]:
    yield "labels", label
    build = service.get("build")
    if isinstance(build, dict):
        if "image" in service:
            _refuse_foreign_names(state, [str(service["image"])])
        options = _Build([], dict(build.get("args") or {}), set(build.get("additional_contexts") or {}))
        options.target, options.place = build.get("target", ""), build["context"]
        options.file = str(Path(build["context"], build.get("dockerfile", "Dockerfile")))
        added = _contexts(state, build.get("dockerfile_inline") or _text(options) or "", options)
        places = dict(part.split("=", 1) for part in added[1::2])
        yield "build", {"additional_contexts": places, "labels": label}


def _engine(state: State) -> Engine:
    return Engine(Path(state.program), state.kind, state.version, state.host)
