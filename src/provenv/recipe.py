"""A recipe: a folder whose `README.md` is both its page and its test.

Reads and checks what a person wrote; knows nothing of lanes, shells or proofs.
"""

import hashlib
import itertools
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import yaml

from provenv import fence
from provenv.errors import BadInput
from provenv.fence import Fence

README = "README.md"
RESERVED = "required"
"""Name that no recipe may have: the ledger's list of proofs that must exist."""
MAIN = "main"
"""Name of the only scenario of a recipe that names none."""
FORMAT = 1
"""Version of what the engine does with a recipe; part of every content hash, so that a change here makes every proof stale."""
DEFAULT_TIMEOUT = 600.0
"""Seconds that a step may take when its fence names no limit."""

Lane = Literal["venv", "conda", "container"]
Need = Literal["network", "gpu", "docker", "pyenv", "pypi-json", "pytorch-index", "conda-channel"]
Group = Literal[
    "binary-compatibility", "pytorch", "tensorflow", "langchain", "transformers", "resolver", "installing", "locks", "containers", "conda"
]
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Text = Annotated[str, msgspec.Meta(min_length=1)]

JUNK = ("__pycache__", ".DS_Store", ".mypy_cache", ".pytest_cache", ".ruff_cache")
"""What Python, its tools and file managers leave behind; no part of a recipe."""
_REGION = re.compile(r"--8<-- \[(start|end):([\w-]+)\]")


class FrontMatter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What a recipe says of itself, as YAML between `---` lines at the top of its README."""

    title: Text
    summary: Annotated[str, msgspec.Meta(min_length=1, max_length=160)]
    lanes: Annotated[list[Lane], msgspec.Meta(min_length=1)]
    pythons: Annotated[list[Annotated[str, msgspec.Meta(pattern=r"^3\.\d+$")]], msgspec.Meta(min_length=1)]
    as_of: date
    """Freeze date: the package index is held at the start of this day (UTC)."""
    guides: Annotated[list[Name], msgspec.Meta(min_length=1)]
    needs: list[Need] = []
    engines: dict[str, Annotated[str, msgspec.Meta(pattern=r"^\d+(\.\d+)*$")]] = msgspec.field(default_factory=lambda: {"docker": "23.0"})
    """For the container lane: the engines on which the recipe is proven, and the oldest version of each."""
    id: Annotated[str, msgspec.Meta(pattern=r"^PV\d{3}$")] | None = None
    """Of a trap, which also has a `group`, a `symptom`, a `cause`, a `fix`, and the scenarios `broken` and `fixed`."""
    group: Group | None = None
    symptom: Text | None = None
    """The text by which a person recognises a trap."""
    cause: Text | None = None
    fix: Text | None = None
    packages: list[Name] = []
    """Distributions that a trap is about."""
    scenarios: dict[Name, Text] = {}
    """Scenario name to the exact text of the `## ` heading that opens it; empty: the whole README is one scenario."""


@dataclass(frozen=True)
class Command:
    """One `$ ` line with its continuation lines, and the output expected under it."""

    text: str
    expected: tuple[str, ...]
    line: int
    """Line of the `$ ` in the README, counted from 1."""
    expected_line: int
    """Line at which the expected output begins, counted from 1."""


@dataclass(frozen=True)
class Step:
    """One `console` fence: an id and at least one command."""

    id: str
    commands: tuple[Command, ...]
    exit_code: int
    """Exit code expected of the last command; of the others it is 0."""
    timeout: float
    """Seconds that the whole step may take."""
    instead: str | None
    """What is run in the place of a step that needs conda, where there is none; empty: nothing is, None: the step needs no conda."""
    fence: Fence


@dataclass(frozen=True)
class Scenario:
    """Steps that run in one shell, from a fresh copy of the folder and a fresh environment."""

    name: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Recipe:
    """A recipe as it stands in its folder."""

    folder: Path
    matter: FrontMatter
    text: str
    fences: tuple[Fence, ...]
    scenarios: tuple[Scenario, ...]
    content: str
    """SHA-256 of the format version and of every file of the folder: its path, whether it may be executed, its bytes."""

    @property
    def slug(self) -> str:
        return self.folder.name

    @property
    def readme(self) -> Path:
        return self.folder / README

    @property
    def steps(self) -> Iterator[Step]:
        return (step for scenario in self.scenarios for step in scenario.steps)


def files(folder: Path) -> list[Path]:
    """The files of a recipe, sorted by path, without what Python and file managers leave behind."""
    found = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in JUNK]
        links = [name for name in folders if (Path(parent) / name).is_symlink()]
        found += [Path(parent) / name for name in (*names, *links) if name not in JUNK]
    return sorted(found)


def content_of(folder: Path) -> str:
    """The content hash of a folder as it is now (see `Recipe.content`)."""
    digest = hashlib.sha256(f"provenv recipe format {FORMAT}\0".encode())
    for path in files(folder):
        data = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
        kind = b"link" if path.is_symlink() else b"x" if os.access(path, os.X_OK) else b"-"
        digest.update(b"\0".join([os.fsencode(path.relative_to(folder)), kind, str(len(data)).encode(), data]))
    return "sha256:" + digest.hexdigest()


def load(folder: Path) -> Recipe:
    """Read a recipe; raises `BadInput` with file, line and cure for whatever cannot be used."""
    readme = folder / README
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", folder.name):
        raise BadInput("a recipe's folder is named in small letters, digits and single hyphens; rename it", folder)
    if not readme.is_file():
        raise BadInput(f"this recipe has no {README}; write one or delete the folder", folder)
    if folder.name == RESERVED:
        raise BadInput(f"`{RESERVED}` is the name of the list of proofs; rename the folder", folder)
    content = content_of(folder)
    try:
        text = readme.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"is not UTF-8 text ({error.reason} at byte {error.start}); save it as UTF-8", readme) from None
    return read(folder, text, content)


def read(folder: Path, text: str, content: str) -> Recipe:
    """The recipe that a README's text makes in a folder; raises `BadInput` as `load` does."""
    readme = folder / README
    matter = front_matter(text, readme)
    fences = tuple(fence.find(_without_front_matter(text), readme))
    for each in fences:
        _check(each, folder)
    return Recipe(folder, matter, text, fences, tuple(_scenarios(matter, text, fences, readme)), content)


# --- front matter -----------------------------------------------------------------------------------------------------


class _Loader(yaml.CSafeLoader):
    """YAML in which a date is text, so that the schema judges it at its place."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?\n)---[ \t]*(?:\n|$)", re.DOTALL)


def _without_front_matter(text: str) -> str:
    """The same text with its front matter blanked, so that line numbers stay."""
    match = _FRONT_MATTER.match(text)
    return "\n" * match[0].count("\n") + text[match.end() :] if match else text


def body(text: str) -> str:
    """The text below the front matter."""
    return _without_front_matter(text).lstrip("\n")


def front_matter(text: str, path: Path) -> FrontMatter:
    """The front matter of a README; raises `BadInput` at the line of the value that does not fit."""
    match = _FRONT_MATTER.match(text)
    if match is None:
        raise BadInput("the file must begin with front matter, YAML between two lines of `---`", path, 1)
    try:
        root = yaml.compose(match[1], Loader=_Loader)
        value = yaml.load(match[1], Loader=_Loader)  # noqa: S506 (a subclass of the safe one)
    except (
        yaml.YAMLError,
        ValueError,
        KeyError,
        AttributeError,
        TypeError,
        RecursionError,
    ) as error:  # tags such as `!!int x` raise any of these
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error).split("\n")[0]
        raise BadInput(f"the front matter is not YAML: {problem}", path, mark.line + 2 if mark else 1) from None
    _refuse_twins(root, path)
    try:
        matter = msgspec.convert(value, FrontMatter)
    except msgspec.ValidationError as error:
        sentence, _, place = str(error).partition(" - at `")
        place = place.removeprefix("key` in `").rstrip("`").removeprefix("$")
        keys = [key.strip("[]") for key in re.findall(r"[\w-]+|\[[^]]*\]", place)]
        unknown = re.search(r"unknown field `([^`]+)`", sentence)
        line = _line_of(root, [*keys, unknown[1]] if unknown else keys)
        name = f"`{'.'.join(keys)}`: " if keys else ""
        hint = '; quote it, as in "3.11"' if keys[:1] == ["pythons"] and "got `float`" in sentence else ""
        raise BadInput(f"the front matter does not fit: {name}{sentence[0].lower()}{sentence[1:]}{hint}", path, line) from None
    _check_trap(matter, root, path)
    for field, values in (("lanes", matter.lanes), ("pythons", matter.pythons)):
        if len(set(values)) != len(values):
            raise BadInput(f"`{field}` names one of its values twice; keep one", path, _line_of(root, [field]))
    return matter


def _check_trap(matter: FrontMatter, root: yaml.Node | None, path: Path) -> None:
    """A trap says what it is in full, and nothing else says any of it."""
    given = {field: getattr(matter, field) for field in ("id", "group", "symptom", "cause", "fix")}
    if not any(given.values()):
        return
    missing = [field for field, value in given.items() if value is None]
    if missing:
        raise BadInput(f"a trap has an id, a group, a symptom, a cause and a fix; `{missing[0]}` is missing", path, _line_of(root, ["id"]))
    if not {"broken", "fixed"} <= matter.scenarios.keys():
        raise BadInput(
            "a trap has the scenarios `broken` and `fixed`; name the headings that open them", path, _line_of(root, ["scenarios"])
        )


def _line_of(node: yaml.Node | None, keys: Sequence[str]) -> int:
    """Line in the file of the value that `keys` lead to, or of the last one on the way that exists."""
    line = node.start_mark.line if node else 0
    for key in keys:
        if isinstance(node, yaml.MappingNode):
            found = [(name, value) for name, value in node.value if name.value == key]
            if not found:
                break
            line, node = found[0][0].start_mark.line, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and key.isdigit() and int(key) < len(node.value):
            node = node.value[int(key)]
            line = node.start_mark.line
    return line + 2


def _refuse_twins(node: yaml.Node | None, path: Path, above: tuple[yaml.Node, ...] = ()) -> None:
    if node in above:
        raise BadInput("the front matter holds itself through an anchor; write each value out", path, _line_of(node, []))
    seen: set[str] = set()
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.value in seen:
            raise BadInput(f"the front matter has the key `{key.value}` twice; keep one", path, key.start_mark.line + 2)
        seen.add(key.value)
        _refuse_twins(value, path, (*above, node))  # type: ignore[arg-type]  # a mapping, since it has keys


# --- fences -----------------------------------------------------------------------------------------------------------

_OPTIONS = {"console": {"id", "exit", "timeout", "instead"}, "file": set(), "python": set()}


def _check(each: Fence, folder: Path) -> None:
    """Refuse a fence that is no step, shows no file, is not run by the tests and carries no reason."""
    if "unproven" in each.options:
        if not each.options["unproven"].strip():
            raise each.refuse('`unproven` needs its reason, which the page shows, as in unproven="runs on Windows only"')
        if set(each.options) != {"unproven"}:
            raise each.refuse("a fence that is unproven has no id, exit code or limit; take the other options away")
        return
    if each.language not in _OPTIONS:
        name = f"`{each.language}`" if each.language else "no language"
        raise each.refuse(
            f'a fence of {name} is neither proven nor excused; make it `console`, `file` or `python`, or add unproven="the reason"'
        )
    unknown = sorted(set(each.options) - _OPTIONS[each.language])
    if unknown:
        raise each.refuse(f"a `{each.language}` fence has no option `{unknown[0]}`; take it away")
    if each.language == "file":
        shown_file(each, folder)


def shown_file(each: Fence, folder: Path) -> tuple[Path, tuple[str, ...]]:
    """The file that a `file` fence names (`path` or `path#region`, relative to `folder`) and its lines; raises `BadInput` if there is none."""
    named = [line.strip() for line in each.body if line.strip()]
    if len(named) != 1:
        raise each.refuse("a `file` fence holds one line, the path of a file of the recipe")
    name, _, region = named[0].partition("#")
    path = folder / name
    try:
        inside = path.resolve().is_relative_to(folder.resolve()) and path.is_file()
        lines = path.read_text("utf-8").splitlines() if inside else None
    except (OSError, UnicodeDecodeError):
        lines = None
    if lines is None:
        raise each.refuse(f"there is no text file `{name}` in {folder.name}; name one that exists", 1)
    if not region:
        return path, tuple(line for line in lines if not _REGION.search(line))
    marks = [(index, mark[1]) for index, line in enumerate(lines) if (mark := _REGION.search(line)) and mark[2] == region]
    if [kind for _, kind in marks] != ["start", "end"]:
        raise each.refuse(f"`{name}` has no region `{region}`; mark it with `--8<-- [start:{region}]` and `--8<-- [end:{region}]`", 1)
    inner = lines[marks[0][0] + 1 : marks[1][0]]
    return path, tuple(line for line in inner if not _REGION.search(line))


# --- scenarios, steps, commands -----------------------------------------------------------------------------------------


def _scenarios(matter: FrontMatter, text: str, fences: Sequence[Fence], readme: Path) -> Iterator[Scenario]:
    consoles = [each for each in fences if each.language == "console" and "unproven" not in each.options]
    steps = [_step(each) for each in consoles]
    for step in steps:
        if step.instead is not None and matter.lanes != ["conda"]:
            raise step.fence.refuse(
                '`instead` is for steps of the conda lane, where conda may be missing; take it away, or say "lanes: [conda]"'
            )
    seen: dict[str, int] = {}
    for step in steps:
        if step.id in seen:
            raise step.fence.refuse(f"the id `{step.id}` is taken by the step in line {seen[step.id]}; ids are unique in a recipe")
        seen[step.id] = step.fence.line
    if not steps:
        raise BadInput("this recipe has no step; add a `console` fence with an id", readme)
    if not matter.scenarios:
        yield Scenario(MAIN, tuple(steps))
        return
    owners = _owners(matter, text, steps, readme)
    for name, heading in matter.scenarios.items():
        owned = tuple(step for step in steps if owners[step.id] == name)
        if not owned:
            raise BadInput(f"the scenario `{name}` has no step under `## {heading}`; add one", readme)
        yield Scenario(name, owned)


def _owners(matter: FrontMatter, text: str, steps: Sequence[Step], readme: Path) -> dict[str, str]:
    """Step id to the scenario under whose heading the step stands."""
    headings = dict(_headings(text))
    names = {heading: name for name, heading in matter.scenarios.items()}
    if len(names) != len(matter.scenarios):
        raise BadInput("two scenarios name the same heading; give each its own", readme)
    for heading, name in names.items():
        found = list(headings.values()).count(heading)
        if found != 1:
            what = "no heading" if not found else f"{found} headings"
            raise BadInput(f"the scenario `{name}` opens at `## {heading}`, but there is {what} of that text", readme)
    owners = {}
    for step in steps:
        above = [title for line, title in sorted(headings.items()) if line < step.fence.line]
        owner = names.get(above[-1]) if above else None
        if owner is None:
            raise step.fence.refuse(f"the step `{step.id}` stands under no scenario's heading; move it or name its heading in `scenarios`")
        owners[step.id] = owner
    return owners


def _headings(text: str) -> Iterator[tuple[int, str]]:
    """Line (from 1) and text of each `## ` heading that stands outside of fences."""
    tokens = fence.parse(_without_front_matter(text))
    for token, inline in itertools.pairwise(tokens):
        if token.type == "heading_open" and token.tag == "h2" and token.map:
            yield token.map[0] + 1, inline.content


def _step(each: Fence) -> Step:
    step_id = each.options.get("id")
    if step_id is None:
        raise each.refuse('a `console` fence needs an id, as in id="install"')
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", step_id):
        raise each.refuse(f"the id `{step_id}` is not in small letters, digits and single hyphens; rename it")
    code, limit = each.options.get("exit", "0"), each.options.get("timeout", str(DEFAULT_TIMEOUT))
    if not re.fullmatch(r"[0-9]{1,3}", code) or int(code) > 255:
        raise each.refuse(f'exit="{code}" is no exit code; write a number from 0 to 255')
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]+)?", limit) or float(limit) == 0:
        raise each.refuse(f'timeout="{limit}" is no limit; write a number of seconds above 0')
    return Step(step_id, tuple(_commands(each)), int(code), float(limit), each.options.get("instead"), each)


def _commands(each: Fence) -> Iterator[Command]:
    lines = list(each.body)
    starts = [index for index, line in enumerate(lines) if re.match(r"\$ +\S", line)]
    if not starts:
        raise each.refuse(f"the step `{each.options['id']}` holds no command; a command begins with `$ `")
    if any(line.strip() for line in lines[: starts[0]]):
        raise each.refuse("output stands above the first command; a step begins with a `$ ` line", 1)
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        after = start + 1
        while after < end and re.match(r">( |$)", lines[after]):
            after += 1
        text = "\n".join([lines[start][2:], *(line[2:] for line in lines[start + 1 : after])])
        expected = list(lines[after:end])
        while expected and not expected[-1].strip():
            expected.pop()
        yield Command(text, tuple(expected), each.line + 1 + start, each.line + 1 + after)
