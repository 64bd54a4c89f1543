"""A Dockerfile as its reference describes it: instructions, stages, and the images that a build of it starts from.

Source: the Dockerfile reference (directives, line continuation, heredocs, ARG before FROM, stage names).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_DIRECTIVE = re.compile(r"#\s*(\w+)\s*=\s*(\S+)\s*$")
_HEREDOC = re.compile(r"<<(-?)([\"']?)([A-Za-z_]\w*)\2")
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::([-+])([^}]*))?\}|(\w+))")
_FLAG = re.compile(r"--([a-z-]+)(?:=(\"[^\"]*\"|\S+))?\s*")
_TAKES_HEREDOC = ("RUN", "COPY", "ADD")


@dataclass(frozen=True)
class Instruction:
    """One instruction; `line` counts from 1."""

    name: str
    """In capitals."""
    flags: tuple[tuple[str, str], ...]
    """The `--name=value` options, in order; a flag may come more than once."""
    text: str
    """What follows the flags, continuation lines joined, without heredocs' bodies."""
    heredocs: tuple[str, ...]
    line: int

    def flag(self, name: str) -> str | None:
        """The last value of a flag."""
        return next((value for key, value in reversed(self.flags) if key == name), None)

    @property
    def mounts(self) -> list[dict[str, str]]:
        """The `--mount` options as fields."""
        return [dict(part.partition("=")[::2] for part in value.split(",")) for key, value in self.flags if key == "mount"]


@dataclass(frozen=True)
class Stage:
    """What one FROM opens."""

    base: str
    """As written, its variables replaced."""
    name: str
    """In small letters; empty if it has none."""
    instructions: tuple[Instruction, ...]
    line: int


@dataclass(frozen=True)
class Dockerfile:
    """A Dockerfile that was read."""

    directives: Mapping[str, str]
    stages: tuple[Stage, ...]

    def stage(self, reference: str) -> int | None:
        """Number of the stage that a name or number means, None if it means an image."""
        if reference.isdigit() and int(reference) < len(self.stages):
            return int(reference)
        named = [number for number, stage in enumerate(self.stages) if stage.name and stage.name == reference.lower()]
        return named[-1] if named else None

    def images(self, target: str = "") -> "Images":
        """The images that a build of a target (default: the last stage) needs."""
        wanted = self.stage(target) if target else len(self.stages) - 1
        bases: dict[str, None] = {}
        sources: dict[str, None] = {}
        pending, seen = [] if wanted is None or wanted < 0 else [wanted], set[int]()
        while pending:
            number = pending.pop()
            if number in seen:
                continue
            seen.add(number)
            stage = self.stages[number]
            for reference, found in ((stage.base, bases), *((name, sources) for name in _copied_from(stage))):
                earlier = self.stage(reference)
                if earlier is not None and earlier < number:
                    pending.append(earlier)
                elif reference.lower() != "scratch":
                    found[reference] = None
        return Images(tuple(bases), tuple(sources))


@dataclass(frozen=True)
class Images:
    """Names of images, in the order of finding."""

    bases: tuple[str, ...]
    """Those that a FROM names."""
    sources: tuple[str, ...]
    """Those that a COPY or a mount takes files from."""


def _copied_from(stage: Stage) -> Iterator[str]:
    for each in stage.instructions:
        named = [each.flag("from")] if each.name in ("COPY", "ADD") else [mount.get("from") for mount in each.mounts]
        yield from (name for name in named if name)


def read(text: str, arguments: Mapping[str, str] | None = None) -> Dockerfile:
    """Read a Dockerfile; `arguments` are those of `--build-arg`. What is no Dockerfile gives one without stages."""
    lines = text.splitlines()
    directives = dict(_directives(lines))
    values: dict[str, str] = {}
    stages: list[Stage] = []
    opened: Instruction | None = None
    inner: list[Instruction] = []
    for each in _instructions(lines, directives.get("escape", "\\")):
        if each.name == "FROM":
            if opened:
                stages.append(_stage(opened, inner, values))
            opened, inner = each, []
        elif opened:
            inner.append(each)
        elif each.name == "ARG":
            for name, _, default in (word.partition("=") for word in each.text.split()):
                values[name] = (arguments or {}).get(name, replaced(default.strip("\"'"), values))
    if opened:
        stages.append(_stage(opened, inner, values))
    return Dockerfile(directives, tuple(stages))


def _stage(opened: Instruction, inner: list[Instruction], values: Mapping[str, str]) -> Stage:
    words = opened.text.split()
    name = words[2].lower() if len(words) == 3 and words[1].upper() == "AS" else ""
    return Stage(replaced(words[0], values) if words else "", name, tuple(inner), opened.line)


def replaced(text: str, values: Mapping[str, str]) -> str:
    """Text with `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME:+other}` replaced."""

    def value(match: re.Match[str]) -> str:
        known = values.get(match[1] or match[4], "")
        if match[2] == "+":
            return match[3] if known else ""
        return known or (match[3] or "")

    return _VARIABLE.sub(value, text)


def _directives(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        match = _DIRECTIVE.match(line.strip())
        if not match:
            return
        yield match[1].lower(), match[2]


def _instructions(lines: list[str], escape: str) -> Iterator[Instruction]:
    at = 0
    while at < len(lines):
        start = at
        parts: list[str] = []
        while at < len(lines):
            line = lines[at].strip()
            at += 1
            if not line or line.startswith("#"):
                if parts:
                    continue
                break
            goes_on = line.endswith(escape)
            parts.append(line[: -len(escape)].rstrip() if goes_on else line)
            if not goes_on:
                break
        if not parts:
            continue
        name, _, rest = " ".join(parts).partition(" ")
        bodies = []
        for dash, _, word in _HEREDOC.findall(rest) if name.upper() in _TAKES_HEREDOC else ():
            body = []
            while at < len(lines) and (lines[at].lstrip("\t") if dash else lines[at]) != word:
                body.append(lines[at])
                at += 1
            at += 1
            bodies.append("\n".join(body))
        flags, text = _flags(rest.strip())
        yield Instruction(name.upper(), flags, text, tuple(bodies), start + 1)


def _flags(rest: str) -> tuple[tuple[tuple[str, str], ...], str]:
    flags = []
    while match := _FLAG.match(rest):
        flags.append((match[1], (match[2] or "").strip('"')))
        rest = rest[match.end() :]
    return tuple(flags), rest
