"""What holds where an instruction of a Dockerfile stands: folder, user, variables, and the files that are known to be there.

Errs on the side of "may be there": a check that is silent for want of knowledge is better than one that cries wolf.
"""

import fnmatch
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from provenv.dockerfile import Dockerfile, Instruction, copied_from, words
from provenv.dockerfile.commands import Command, commands, install, known

_FROM_DOCKER = "python|debian|ubuntu|alpine|busybox|fedora|almalinux|rockylinux|buildpack-deps|pypy|node|golang|rust|amazonlinux"
_KNOWN = re.compile(
    rf"scratch|(?:(?:docker\.io/)?(?:library/)?|[\w.:/-]+/library/)(?:{_FROM_DOCKER})(?:[:@]\S+)?"
    r"|(?:[\w.:-]+/)*(?:nvidia/cuda|astral-sh/uv|astral/uv|continuumio/(?:mini|ana)conda3|condaforge/(?:miniforge3|mambaforge)"
    r"|pytorch/pytorch|tensorflow/tensorflow)(?:[:@]\S+)?"
)
_NAMED = re.compile(r"\$(?:\{)?(\w+)", re.ASCII)
_ARCHIVE = re.compile(r".*\.(?:tar(?:\.\w+)?|tgz|tbz2?|txz)")
_FILE = re.compile(
    r"(?:.*\.(?:txt|in|toml|lock|py|cfg|ini|json|ya?ml|md|rst|sh|whl|zip|tgz|tar|gz|bz2|xz|deb|pem|key|crt|pth|env|netrc|conf)"
    r"|Pipfile|Makefile|LICENSE|README|\.(?:netrc|env|pypirc|npmrc|python-version))"
)


@dataclass(frozen=True)
class Layer:
    """One instruction of a stage, or of one that it is built from."""

    instruction: Instruction
    own: bool
    """Whether it stands in the stage itself."""
    folder: str | None
    """The working directory, None if it is not known."""
    user: str
    values: Mapping[str, str]
    """Variables of ENV and ARG with a value, before the instruction."""
    commands: tuple[Command, ...]

    @property
    def line(self) -> int:
        return self.instruction.line

    def place(self, path: str, folder: str | None = None) -> str | None:
        """The absolute path of a word, None if it is not known."""
        return placed(path, self.folder if folder is None else folder)


def placed(path: str, folder: str | None) -> str | None:
    """The absolute path of a word in a folder, None if either is not known."""
    if not path or not known(path) or path.startswith("~") or (folder is None and not path.startswith("/")):
        return None
    return posixpath.normpath(posixpath.join(folder or "/", path)).replace("//", "/")


def known_image(name: str) -> bool:
    """Whether an image is one that runs as root and holds no project's files, as the official ones do."""
    return _KNOWN.fullmatch(name) is not None and "onbuild" not in name


def root_image(file: Dockerfile, number: int) -> str:
    """The image that a stage is built from in the end."""
    return file.stages[chain(file, number)[0]].base


def chain(file: Dockerfile, number: int) -> list[int]:
    """The stages that a stage is built from, the first one first, and itself."""
    found = [number]
    while (earlier := file.base(file.stages[found[0]].base, found[0])) is not None:
        found.insert(0, earlier)
    return found


def shipped(file: Dockerfile) -> list[int]:
    """The stages that become images: the last, and those that no later one takes anything from."""
    used = {file.base(stage.base, number) for number, stage in enumerate(file.stages)}
    used |= {file.stage(name, number) for number, stage in enumerate(file.stages) for name in copied_from(stage)}
    return [number for number in range(len(file.stages)) if number not in used or number == len(file.stages) - 1]


def layers(file: Dockerfile, number: int) -> list[Layer]:
    """The instructions of a stage, after those of the stages that it is built from."""
    found: list[Layer] = []
    folder: str | None = "/" if known_image(root_image(file, number)) else None
    user, values = "root", dict[str, str]()
    for at in chain(file, number):
        for each in file.stages[at].instructions:
            runs = tuple(commands(each, values)) if each.name in ("RUN", "CMD", "ENTRYPOINT") else ()
            found.append(Layer(each, at == number, folder, user, MappingProxyType(dict(values)), runs))
            if each.name == "WORKDIR":
                folder = _meant(words.unquoted(each.text, each.escape), each, values, folder)
            elif each.name == "USER":
                user = words.replaced(each.text, values, each.escape)
            elif each.name in ("ENV", "ARG"):
                values |= dict(assigned(each, values, file.arguments))
    return found


def _meant(path: str, each: Instruction, values: Mapping[str, str], folder: str | None) -> str | None:
    """The absolute path of a word of an instruction, its variables replaced; None if it is not known."""
    unknown = [name for name in _NAMED.findall(path) if name not in values]
    return None if unknown else placed(words.replaced(path, values, each.escape), folder)


def assigned(each: Instruction, values: Mapping[str, str], outer: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Names and values that an ENV or ARG gives; an ARG without a default takes the value of the one before the first FROM."""
    parts = words.split(each.text, each.escape)
    if each.name == "ENV" and parts and "=" not in parts[0]:
        parts = [f"{parts[0]}={each.text.partition(parts[0])[2].strip()}"]
    for part in parts:
        name, set_, value = part.partition("=")
        if each.name == "ARG" and name in outer and not set_:
            yield name, outer[name]
        elif set_:
            yield words.unquoted(name, each.escape), words.replaced(value, values, each.escape)


# --- files ----------------------------------------------------------------------------------------------------------------

_INERT = frozenset(
    (
        *("apt-get", "apt", "apk", "yum", "dnf", "microdnf", "conda", "mamba", "micromamba", "apt-mark", "dpkg", "rm", "mkdir", "rmdir"),
        *("useradd", "groupadd", "adduser", "addgroup", "chown", "chmod", "echo", "printf", "cat", "ls", "true", "false", ":", "set", "cd"),
        *("export", "umask", "ldconfig", "locale-gen", "update-ca-certificates", "find", "du", "df", "id", "whoami", "date", "env", "test"),
        *("[", "which", "nvidia-smi", "nvcc", "exit", "sleep", "sync", "head", "tail", "grep", "wc", "sort"),
    )
)
"""Commands that bring no file that an installation reads."""
_INERT_OF = {"uv": ("venv", "sync", "cache", "python"), "pip": ("check", "list", "cache", "config", "show", "freeze", "debug")}
_INERT_MODULES = ("venv", "compileall", "ensurepip", "pip", "uv", "site")


@dataclass
class Files:
    """Files of a stage that are known to be there, and folders that may hold any."""

    anything: bool = False
    """Whether any file may be there."""
    exact: dict[str, str | None] = field(default_factory=dict)
    """Path or pattern, to its place in the build context, None if it is from elsewhere."""
    folders: dict[str, str | None] = field(default_factory=dict)

    def has(self, path: str) -> bool:
        """Whether a file may be there."""
        return (
            self.anything
            or path in self.exact
            or any(within(path, folder) for folder in self.folders)
            or any(fnmatch.fnmatchcase(path, pattern) for pattern in self.exact if "*" in pattern or "?" in pattern)
        )

    def source(self, path: str) -> str | None:
        """The place in the build context that a file was copied from, None if it is not known."""
        if path in self.exact:
            return self.exact[path]
        for folder, source in reversed(self.folders.items()):
            if within(path, folder):
                return None if source is None else posixpath.normpath(posixpath.join(source, posixpath.relpath(path, folder)))
        return None

    def copied(self, layer: Layer) -> None:
        """Take in what a COPY or ADD brings."""
        each = layer.instruction
        raw = each.listed if each.listed is not None else words.split(each.text, each.escape)
        *sources, to = raw or [""]
        place = _meant(to, each, layer.values, layer.folder)
        if place is None or not sources:
            self.anything = True
            return
        inside = to.rstrip("'\"").endswith(("/", ".")) or len(sources) > 1
        outside = each.flag("from") is not None
        for raw_source in sources:
            source = words.replaced(raw_source, layer.values, each.escape)
            name = posixpath.basename(source.removeprefix("<<").removeprefix("-").rstrip("/"))
            here = None if outside or source.startswith("<<") or "://" in source else source
            unpacked = each.flag("parents") is not None or (each.name == "ADD" and _ARCHIVE.fullmatch(name)) or not known(raw_source)
            if source.startswith("<<") or (_FILE.fullmatch(name.replace("*", "x")) and not unpacked):
                if not inside:
                    self.exact[place] = here
                self.exact[posixpath.join(place, name)] = here
            else:
                self.folders[place] = here if here and "*" not in here and not unpacked else None

    def mounted(self, layer: Layer) -> "Files":
        """These files with those that the mounts of a RUN show."""
        with_mounts = Files(self.anything, dict(self.exact), dict(self.folders))
        for mount in layer.instruction.mounts:
            kind, source = mount.get("type", "bind"), mount.get("source") or mount.get("src") or "."
            target = mount.get("target") or mount.get("dst") or mount.get("destination") or f"/run/secrets/{mount.get('id', '')}"
            place = _meant(target, layer.instruction, layer.values, layer.folder)
            if place is None:
                with_mounts.anything = True
            elif kind != "tmpfs":
                with_mounts.folders[place] = source if kind == "bind" and "from" not in mount else None
        return with_mounts

    def ran(self, command: Command, folder: str | None) -> None:
        """Take in what a command may make."""
        for name in command.writes:
            place = placed(name, folder)
            self.anything |= place is None
            self.exact |= {place: None} if place else {}
        asked = install(command)
        if asked and asked.verb in ("wheel", "download"):
            for name in asked.values("-w", "--wheel-dir", "-d", "--dest"):
                self.folders |= {place: None} if (place := placed(name, folder)) else {}
        elif not asked and not _inert(command):
            self.anything = True


def _inert(command: Command) -> bool:
    program, rest = command.program, command.words[1:]
    if re.fullmatch(r"python[\d.]*", program):
        return len(rest) > 1 and rest[0] == "-m" and rest[1] in _INERT_MODULES
    verb = next((word for word in rest if not word.startswith("-")), "")
    return not command.words or program in _INERT or verb in _INERT_OF.get(re.sub(r"[\d.]+$", "", program), ())


def within(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies in it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def folders_of(found: Sequence[Command], start: str | None) -> Iterator[tuple[Command, str | None]]:
    """Commands of one shell, each with the folder that it runs in."""
    folder = start
    for each in found:
        if each.program in ("cd", "pushd"):
            folder = placed(each.words[1], folder) if len(each.words) > 1 else None
        yield each, folder
