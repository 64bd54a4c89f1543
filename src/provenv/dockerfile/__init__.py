"""A Dockerfile as its reference describes it: instructions, stages, and the images that a build of it starts from.

Source: the Dockerfile reference (directives, line continuation, heredocs, ARG before FROM, stage names).
"""

import json
import platform
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from provenv.dockerfile import words

_DIRECTIVE = re.compile(r"#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(\S.*?)\s*$")
_DIRECTIVES = ("check", "escape", "syntax")
"""Anything else that looks like a directive is a comment, after which no directive is read."""
_HEREDOC = re.compile(r"\d*<<(-?)\s*([^<]+)")
_CONTINUED = {escape: re.compile(rf"(?<!{re.escape(escape)}){re.escape(escape)}[ \t]*\Z") for escape in words.ESCAPES}
_BLANKS = re.compile(r"[\t\v\f\r ]+")
_TAKES_HEREDOC = ("RUN", "COPY", "ADD")
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True)
class Instruction:
    """One instruction; `line` counts from 1."""

    name: str
    """In capitals."""
    flags: tuple[tuple[str, str], ...]
    """The `--name=value` options, in order, without quotes; a flag may come more than once."""
    text: str
    """What follows the flags, continuation lines joined, without heredocs' bodies."""
    heredocs: tuple[str, ...]
    """Their bodies; that of a `<<-` without its leading tabs."""
    line: int
    escape: str = words.ESCAPES[0]

    def flag(self, name: str) -> str | None:
        """The last value of a flag."""
        return next((value for key, value in reversed(self.flags) if key == name), None)

    @property
    def mounts(self) -> list[dict[str, str]]:
        """The `--mount` options as fields, their names in small letters."""
        fields = [[part.partition("=")[::2] for part in value.split(",")] for key, value in self.flags if key == "mount"]
        return [{name.strip().lower(): value for name, value in each} for each in fields]

    @property
    def listed(self) -> list[str] | None:
        """The strings of the JSON form, None if the text is no list of strings."""
        return _listed(self.text)

    @property
    def words(self) -> list[str]:
        """The strings of the JSON form, else the words of the text without their quotes; variables are left as they are."""
        listed = self.listed
        return [words.unquoted(word, self.escape) for word in words.split(self.text, self.escape)] if listed is None else listed


@dataclass(frozen=True)
class Stage:
    """What one FROM opens."""

    base: str
    """Without quotes, its variables replaced."""
    name: str
    """In small letters; empty if it has none."""
    instructions: tuple[Instruction, ...]
    line: int


@dataclass(frozen=True)
class Dockerfile:
    """A Dockerfile that was read."""

    directives: Mapping[str, str]
    stages: tuple[Stage, ...]
    arguments: Mapping[str, str]
    """Those of ARG before the first FROM that have a value, and those that the builder gives; a stage sees what it declares again."""

    def stage(self, reference: str, before: int | None = None) -> int | None:
        """Number of the stage that a name or number means (to the stage `before`: an earlier one), None if it means an image."""
        named = self.base(reference, before)
        if named is None and re.fullmatch(r"[0-9]{1,9}", reference) and int(reference) < len(self.stages[:before]):
            return int(reference)
        return named

    def base(self, reference: str, before: int | None = None) -> int | None:
        """Number of the stage that a FROM means, which knows stages by name only; None if it means an image."""
        named = [number for number, stage in enumerate(self.stages[:before]) if stage.name and stage.name == reference.lower()]
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
            meant = [(stage.base, self.base(stage.base, number), bases)]
            meant += [(name, self.stage(name, number), sources) for name in copied_from(stage)]
            for reference, earlier, found in meant:
                if earlier is not None:
                    pending.append(earlier)
                elif reference not in ("", "scratch"):
                    found[reference] = None
        return Images(tuple(bases), tuple(sources))


@dataclass(frozen=True)
class Images:
    """Names of images, in the order of finding."""

    bases: tuple[str, ...]
    """Those that a FROM names."""
    sources: tuple[str, ...]
    """Those that a COPY or a mount takes files from."""


def copied_from(stage: Stage) -> Iterator[str]:
    """Names and numbers of what a stage's COPY and mounts take files from; their variables are not replaced, as the builder refuses them."""
    for each in stage.instructions:
        named = [each.flag("from")] if each.name == "COPY" else [mount.get("from") for mount in each.mounts] if each.name == "RUN" else []
        yield from (name for name in named if name)


def read(text: str, arguments: Mapping[str, str] | None = None) -> Dockerfile:
    """Read a Dockerfile; `arguments` are those of `--build-arg`. What is no Dockerfile gives one without stages."""
    lines = [line.rstrip("\r") for line in text.removeprefix("\ufeff").split("\n")]
    directives: dict[str, str] = {}
    for name, value in _directives(lines):
        directives.setdefault(name, value)
    escape = directives.get("escape", "")
    given = {**_platform(), **(arguments or {})}
    values = dict(_platform())
    stages: list[Stage] = []
    opened: Instruction | None = None
    inner: list[Instruction] = []
    for each in _instructions(lines, escape if escape in words.ESCAPES else words.ESCAPES[0]):
        if each.name == "FROM":
            if opened:
                stages.append(_stage(opened, inner, values))
            opened, inner = each, []
        elif opened:
            inner.append(each)
        elif each.name == "ARG":
            for word in words.split(each.text, each.escape):
                name, set_, default = word.partition("=")
                if name in given:
                    values[name] = given[name]
                elif set_:
                    values[name] = words.replaced(default, values, each.escape)
    if opened:
        stages.append(_stage(opened, inner, values))
    return Dockerfile(directives, tuple(stages), values)


def _platform() -> dict[str, str]:
    """The arguments that a builder gives by itself, for a build on this machine and for it."""
    machine = platform.machine().lower()
    architecture = _ARCHITECTURES.get(machine, machine)
    of = {"PLATFORM": f"linux/{architecture}", "OS": "linux", "ARCH": architecture, "VARIANT": ""}
    return {f"{kind}{name}": value for kind in ("BUILD", "TARGET") for name, value in of.items()}


def _stage(opened: Instruction, inner: list[Instruction], values: Mapping[str, str]) -> Stage:
    parts = opened.text.split()
    name = parts[2].lower() if len(parts) == 3 and parts[1].upper() == "AS" else ""
    return Stage(words.replaced(parts[0], values, opened.escape) if parts else "", name, tuple(inner), opened.line)


def _directives(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines[1:] if lines[0].startswith("#!") else lines:
        match = _DIRECTIVE.match(line.strip())
        if not match or match[1].lower() not in _DIRECTIVES:
            return
        name = match[1].lower()
        yield name, match[2].split()[0] if name == "syntax" else match[2]


def _instructions(lines: list[str], escape: str) -> Iterator[Instruction]:
    at = 0
    while at < len(lines):
        start = at
        whole, at = _joined(lines, at, escape)
        if not whole:
            continue
        name, *rest = _BLANKS.split(whole, maxsplit=1)
        flags, text = _flags("".join(rest), escape)
        bodies = []
        for indented, word in _heredocs(name.upper(), text, escape):
            body = []
            while at < len(lines) and (line := lines[at].lstrip("\t") if indented else lines[at]) != word:
                body.append(line)
                at += 1
            at += 1
            bodies.append("\n".join(body))
        yield Instruction(name.upper(), flags, text, tuple(bodies), start + 1, escape)


def _joined(lines: list[str], at: int, escape: str) -> tuple[str, int]:
    """The instruction at a line, its continuation lines joined as they are, and the number of the line after it; comments give nothing."""
    parts: list[str] = []
    for place in range(at, len(lines)):
        line = lines[place]
        if line.strip() and not line.lstrip().startswith("#"):
            parts.append(_CONTINUED[escape].sub("", line))
            if parts[-1] == line:
                return "".join(parts).strip(), place + 1
        elif not parts:
            return "", place + 1
    return "".join(parts).strip(), len(lines)


def _flags(rest: str, escape: str) -> tuple[tuple[tuple[str, str], ...], str]:
    flags = []
    word, after = words.first(rest, escape)
    while word.startswith("--"):
        rest = after
        if word == "--":
            break
        name, _, value = words.unquoted(word[2:], escape).partition("=")
        flags.append((name, value))
        word, after = words.first(rest, escape)
    return tuple(flags), rest.strip()


def _heredocs(name: str, text: str, escape: str) -> Iterator[tuple[bool, str]]:
    """For each heredoc, whether its lines may begin with tabs, and the word that ends it."""
    if name == "ONBUILD":
        name, _, text = text.partition(" ")
    if name.upper() not in _TAKES_HEREDOC or "<<" not in text or _listed(text) is not None:
        return
    for word in words.split(text, escape):
        match = _HEREDOC.fullmatch(word)
        if match and (end := words.unquoted(match[2], escape)):
            yield bool(match[1]), end


def _listed(text: str) -> list[str] | None:
    try:
        listed = json.loads(text) if text.startswith("[") else None
    except (ValueError, RecursionError):
        return None
    return listed if isinstance(listed, list) and all(isinstance(each, str) for each in listed) else None
