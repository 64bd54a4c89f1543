"""What is wrong with a Dockerfile, so far as its text (and the folder beside it) can tell and hadolint does not.

Pure functions on a Dockerfile that was read. A check speaks only of what it knows: a base image of one's own may hold any file and run as anyone.
"""

import itertools
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from provenv.dockerfile import Dockerfile, read
from provenv.dockerfile.commands import Command, Install, install, known
from provenv.dockerfile.layers import Files, Layer, assigned, folders_of, known_image, layers, placed, root_image, shipped, within

Severity = Literal["error", "warning", "advice"]

STAGE, WHEELS, COMPILERS = "stage-without-requirements", "docker-multi-stage", "compilers-left-in"
GPU, CPU, ORDER = "docker-gpu", "docker-cpu-torch", "copy-before-install"
SECRET, HARDENED = "secret-in-a-layer", "docker-hardened"
RECIPES = (STAGE, WHEELS, COMPILERS, GPU, CPU, ORDER, SECRET, HARDENED)
"""The recipes that findings name."""


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong."""

    line: int
    """Counted from 1."""
    code: str
    sentence: str
    recipe: str
    """Slug of the recipe that shows it and its cure."""
    severity: Severity = "warning"


@dataclass(frozen=True)
class _Read:
    """A Dockerfile with the layers of its stages."""

    file: Dockerfile
    stages: Sequence[Sequence[Layer]]
    folder: Path | None
    """The build context, None if only the Dockerfile is at hand."""

    @property
    def images(self) -> Iterator[tuple[str, Sequence[Layer]]]:
        """Of each stage that becomes an image, the image that it starts from and its layers."""
        for number in shipped(self.file):
            yield root_image(self.file, number), self.stages[number]


def check(text: str, folder: Path | None = None, arguments: Mapping[str, str] | None = None) -> list[Finding]:
    """What is wrong with a Dockerfile, by line; `folder` is the build context, `arguments` those of `--build-arg`."""
    file = read(text, arguments)
    prepared = _Read(file, [layers(file, number) for number in range(len(file.stages))], folder)
    return sorted({finding for each in CHECKS for finding in each(prepared)})


# --- PVD001: a file that is not there -------------------------------------------------------------------------------------

_PROJECT = ("pyproject.toml", "setup.py", "setup.cfg")


def _missing_files(prepared: _Read) -> Iterator[Finding]:
    for number, stage in enumerate(prepared.stages):
        files = Files(anything=not known_image(root_image(prepared.file, number)))
        for layer in stage:
            if layer.instruction.name in ("COPY", "ADD"):
                files.copied(layer)
            if layer.instruction.name == "RUN":
                for command, folder in folders_of(layer.commands, layer.folder):
                    here = files.mounted(layer)
                    for what, path in _reads(command, folder, layer.values, here) if layer.own and command.sure else ():
                        yield _missing(layer.line, f"`{what}` in a RUN", path)
                    files.ran(command, folder)
        if number == len(prepared.stages) - 1:
            yield from _missing_script(stage, files)


def _missing(line: int, who: str, path: str) -> Finding:
    sentence = (
        f"{who} needs {path}, which nothing has copied into this stage, mounted or made there; COPY it in this stage, or bind-mount it"
    )
    return Finding(line, "PVD001", sentence, STAGE, "error")


def _reads(command: Command, folder: str | None, values: Mapping[str, str], files: Files) -> Iterator[tuple[str, str]]:
    """What a command reads that is not there: its words, and the path."""
    asked = install(command)
    what = " ".join(command.words[:3])
    for name in asked.files if asked else ():
        path = placed(name, folder)
        if path and "://" not in name and name != "-" and not path.startswith(("/dev/", "/proc/")) and not files.has(path):
            yield f"{what} ... -r {name}" if len(command.words) > 4 else " ".join(command.words), path
    for name in asked.paths if asked else ():
        path = placed(name.partition("[")[0], folder)
        if path is None or "*" in path or "?" in path:
            continue
        wanted = [path] if re.search(r"\.(?:whl|zip|gz)$", path) else [posixpath.join(path, each) for each in _PROJECT]
        if not any(map(files.has, wanted)):
            yield " ".join(command.words), wanted[0]
    if asked and asked.tool == "uv sync" and not asked.values("--script"):
        yield from ((" ".join(command.words), path) for path in _not_synced(asked, folder, values, files))
    script = _script(command)
    if script and (path := placed(script, folder)) and not files.has(path):
        yield " ".join(command.words[:2]), path


def _not_synced(asked: Install, folder: str | None, values: Mapping[str, str], files: Files) -> Iterator[str]:
    """The files of a project that `uv sync` lacks: uv looks for them in the folder and those above."""
    start = placed(next(iter(asked.values("--project", "--directory")), values.get("UV_PROJECT", ".")), folder)
    if start is None:
        return
    above = [start]
    while above[-1] != "/":
        above.append(posixpath.dirname(above[-1]))
    project = next((each for each in above if files.has(posixpath.join(each, "pyproject.toml"))), None)
    if project is None:
        yield posixpath.join(start, "pyproject.toml")
    locked = asked.values("--locked", "--frozen") or values.get("UV_LOCKED") or values.get("UV_FROZEN")
    if locked and not any(files.has(posixpath.join(each, "uv.lock")) for each in above):
        yield posixpath.join(project or start, "uv.lock")


def _script(command: Command) -> str:
    """The file that a Python is told to run, empty if there is none."""
    if not re.fullmatch(r"python[\d.]*", command.program):
        return ""
    at = 1
    while at < len(command.words) and re.fullmatch(r"-[bBdEiIOPqsSuvx]+|-[XW].*", command.words[at]):
        at += 2 if command.words[at] in ("-X", "-W") else 1
    return command.words[at] if at < len(command.words) and command.words[at].endswith(".py") else ""


def _missing_script(stage: Sequence[Layer], files: Files) -> Iterator[Finding]:
    """The file that the image's own command runs; a stage that takes nothing from its context gets its code when it is run."""
    if not any(layer.instruction.name in ("COPY", "ADD") and layer.instruction.flag("from") is None for layer in stage):
        return
    folder = stage[-1].folder if stage[-1].instruction.name != "WORKDIR" else stage[-1].place(stage[-1].instruction.words[0])
    volumes = [word for layer in stage if layer.instruction.name == "VOLUME" for word in layer.instruction.words]
    for command, line in _started(stage):
        path = placed(_script(command), folder)
        if path and not files.has(path) and not any(within(path, volume) for volume in volumes):
            yield _missing(line, f"`{' '.join(command.words[:2])}` of the image's command", path)


def _started(stage: Sequence[Layer]) -> list[tuple[Command, int]]:
    """The commands that a container of a stage runs, each with its line; a CMD is taken as the arguments of an ENTRYPOINT in JSON form."""
    last = {layer.instruction.name: layer for layer in stage if layer.instruction.name in ("CMD", "ENTRYPOINT")}
    entry, arguments = last.get("ENTRYPOINT"), last.get("CMD")
    if entry and arguments and entry.instruction.listed is not None and entry.commands:
        words = (*entry.commands[-1].words, *(arguments.instruction.listed or arguments.instruction.words))
        return [(Command(words), entry.line)]
    main = entry or arguments
    return [(command, main.line) for command in main.commands] if main else []


# --- PVD002: a deletion that frees nothing --------------------------------------------------------------------------------

_LISTS = "/var/lib/apt/lists"
_SHARED = ("/", "/tmp", "/var/tmp", "/root/.cache", "/var/cache", _LISTS)  # noqa: S108 (names in other people's images)
"""Folders that are emptied as a matter of course."""
_TO = {"curl": ("-o", "--output"), "wget": ("-O", "-P"), "tar": ("-C", "--directory"), "unzip": ("-d",)}
"""Options that name where something is put."""
_ARCHIVE = re.compile(r".*\.(?:whl|deb|zip|tgz|run|tar(?:\.\w+)?)")
_SECRET_FILE = re.compile(r"(?:.*/)?(?:\.netrc|\.pypirc|\.npmrc|\.env|\.git-credentials|id_(?:rsa|ed25519|ecdsa)|[\w.-]+\.(?:pem|key))")


def _deletions(prepared: _Read) -> Iterator[Finding]:
    for _, stage in prepared.images:
        added: dict[str, Layer] = {}
        installed: dict[str, int] = {}
        for layer in stage:
            if layer.instruction.name == "RUN":
                yield from _freed_nothing(layer, added, _mount_places(layer))
                yield from _purged(layer, installed)
                added |= dict.fromkeys(_made(layer), layer)
                installed |= dict.fromkeys(_apt_names(layer, "install"), layer.line)
            elif layer.instruction.name in ("COPY", "ADD"):
                files = Files()
                files.copied(layer)
                added |= dict.fromkeys([*files.exact, *files.folders], layer)
                added |= dict.fromkeys(_inside(prepared.folder, files), layer)


def _inside(context: Path | None, files: Files) -> Iterator[str]:
    """What a copied folder holds at its top, if the build context is at hand."""
    for place, source in files.folders.items():
        folder = context / source if context and source is not None else None
        if folder and folder.is_dir():
            yield from (posixpath.join(place, path.name) for path in folder.iterdir())


def _freed_nothing(layer: Layer, added: Mapping[str, Layer], mounts: Sequence[str]) -> Iterator[Finding]:
    made: set[str] = set()
    for command, folder in folders_of(layer.commands, layer.folder):
        if command.program != "rm":
            made |= set(_filled(command, folder))
            continue
        recursive = any(re.match(r"-\w*[rR]|--recursive", word) for word in command.words[1:])
        for word in command.words[1:]:
            path = None if word.startswith("-") else placed(re.sub(r"/\*?$", "", word) or "/", folder)
            if (
                path is None
                or any(within(path, place) or within(place, path) for place in mounts)
                or any(within(each, path) for each in made)
            ):
                continue
            earlier = [place for place in added if _covers(path, place) and (recursive or _loose(place))]
            if earlier:
                place = min(earlier, key=lambda each: (added[each].line, each))
                yield _still_there(layer.line, f"rm -rf {word}" if recursive else f"rm {word}", added[place], place)


def _covers(path: str, place: str) -> bool:
    return path == place or (path not in _SHARED and within(place, path))


def _loose(place: str) -> bool:
    """Whether a single file is worth a word: what is large or secret."""
    return bool(_ARCHIVE.fullmatch(place) or _SECRET_FILE.fullmatch(place))


def _still_there(line: int, command: str, earlier: Layer, place: str) -> Finding:
    if _SECRET_FILE.fullmatch(place):
        sentence = (
            f"`{command}` hides {place}, but whoever has the image can read it in the layer of line {earlier.line}; use a secret mount"
        )
        return Finding(line, "PVD007", sentence, SECRET, "error")
    cure = "delete it in the RUN that makes it" if earlier.instruction.name == "RUN" else "bind-mount it for the RUN that needs it"
    sentence = f"`{command}` frees nothing, since {place} stays in the layer of line {earlier.line}; {cure}"
    return Finding(line, "PVD002", sentence, COMPILERS if place == _LISTS else WHEELS)


def _mount_places(layer: Layer) -> list[str]:
    return list(Files().mounted(layer).folders)


def _made(layer: Layer) -> Iterator[str]:
    """What a RUN fetches or builds and leaves."""
    mounts = _mount_places(layer)
    found: list[str] = []
    for command, folder in folders_of(layer.commands, layer.folder):
        if command.program == "rm":
            gone = [place for word in command.words[1:] if (place := placed(re.sub(r"/\*?$", "", word), folder))]
            found = [place for place in found if not any(within(place, each) for each in gone)]
        found += _filled(command, folder)
    found = [place for place in found if place != _LISTS or _leaves_lists(layer)]
    yield from (place for place in found if not any(within(place, mount) for mount in mounts))


def _filled(command: Command, folder: str | None) -> list[str]:
    """Files and folders that a command is known to fill."""
    words, asked = command.words, install(command)
    named: list[str] = list(command.writes)
    rest = [word for word in words[1:] if not word.startswith("-")]
    if asked and asked.verb in ("wheel", "download"):
        named += asked.values("-w", "--wheel-dir", "-d", "--dest")
    elif command.program == "git" and rest[:1] == ["clone"]:
        named += rest[2:3] or [posixpath.basename(word).removesuffix(".git") for word in rest[1:2]]
    elif command.program in ("curl", "wget", "tar", "unzip"):
        named += [after for word, after in itertools.pairwise(words) if word in _TO[command.program]]
    elif command.program in ("apt-get", "apt") and "update" in rest:
        named.append(_LISTS)
    return [place for name in named if (place := placed(name, folder))]


def _apt_names(layer: Layer, *verbs: str) -> list[str]:
    """Packages that a RUN has apt install, or take away."""
    found = []
    for command in layer.commands:
        rest = [word for word in command.words[1:] if not word.startswith("-")]
        if command.program in ("apt-get", "apt") and rest and rest[0] in verbs:
            found += [word.partition("=")[0] for word in rest[1:] if known(word)]
    return found


def _purged(layer: Layer, installed: Mapping[str, int]) -> Iterator[Finding]:
    own = _apt_names(layer, "install")
    earlier = [name for name in _apt_names(layer, "purge", "remove", "autoremove") if name in installed and name not in own]
    if earlier:
        sentence = (
            f"removing {', '.join(earlier)} frees nothing, since the layer of line {installed[earlier[0]]} keeps what it installed; "
            "compile in a stage of its own"
        )
        yield Finding(layer.line, "PVD002", sentence, COMPILERS)


# --- PVD003, PVD004: torch and CUDA ------------------------------------------------------------------------------------------------

_BRINGS_CUDA = re.compile(r"torch(?:vision|audio)?|nvidia-.*-cu\d+|(?:jax|tensorflow)\[.*cuda.*\]")
"""What brings CUDA's libraries as wheels, with extras in brackets."""
_COMPILES = re.compile(r"nvcc|flash[-_]attn|CUDA_HOME|TORCH_CUDA_ARCH_LIST|--no-build-isolation|setup\.py|cmake|ninja")
_CPU = re.compile(r"/cpu(?:[/?#\s\"']|$)|^cpu$|\+cpu\b")


@dataclass(frozen=True)
class _Torch:
    """One installation that names torch, or others that bring CUDA."""

    layer: Layer
    asked: Install
    requirements: tuple[Requirement, ...]
    cpu: bool


def _torches(prepared: _Read, stage: Sequence[Layer]) -> Iterator[_Torch]:
    files = Files()
    for layer in stage:
        if layer.instruction.name in ("COPY", "ADD"):
            files.copied(layer)
        for command, folder in folders_of(layer.commands, layer.folder) if layer.instruction.name == "RUN" else ():
            asked = install(command)
            if not asked or asked.verb not in ("install", "sync"):
                continue
            lines = [
                *asked.names,
                *(line for name in asked.files for line in _lines(prepared.folder, files.mounted(layer), placed(name, folder))),
            ]
            wanted = tuple(each for line in lines if (each := _requirement(line)) and _brings_cuda(each))
            places = [*asked.indexes, *lines, *(value for name, value in layer.values.items() if re.match(r"PIP_|UV_", name))]
            if wanted:
                yield _Torch(layer, asked, wanted, any(_CPU.search(place) for place in places))


def _lines(context: Path | None, files: Files, path: str | None) -> list[str]:
    """The lines of a requirements file of the build context, continuation lines joined; none if it is not at hand."""
    source = files.source(path) if path else None
    if context is None or source is None:
        return []
    try:
        text = (context / source).read_text("utf-8")
    except (OSError, ValueError):
        return []
    return [line.partition(" #")[0].strip() for line in text.replace("\\\n", " ").splitlines() if not line.strip().startswith("#")]


def _requirement(line: str) -> Requirement | None:
    try:
        return Requirement(line.partition(" --")[0])
    except InvalidRequirement:
        return None


def _brings_cuda(wanted: Requirement) -> bool:
    name = canonicalize_name(wanted.name)
    return any(_BRINGS_CUDA.fullmatch(each) for each in (name, f"{name}[{','.join(sorted(wanted.extras))}]"))


def _torch_of(each: _Torch) -> Requirement | None:
    return next((wanted for wanted in each.requirements if canonicalize_name(wanted.name) == "torch"), None)


def _pinned(wanted: Requirement) -> str:
    """The version of an `==` without a wildcard, empty if there is none."""
    return next((each.version for each in wanted.specifier if each.operator == "==" and not each.version.endswith("*")), "")


def _torch_twice(prepared: _Read) -> Iterator[Finding]:
    for _, stage in prepared.images:
        first: tuple[_Torch, Requirement] | None = None
        for each in _torches(prepared, stage):
            wanted = _torch_of(each)
            if wanted is None:
                continue
            if first and first[0].layer is not each.layer and (each.asked.again or not _kept(first[1], wanted)):
                sentence = (
                    f"torch is installed again, after line {first[0].layer.line}: the image holds both copies, gigabytes of which the first is never used; "
                    "name torch once, at one version and from one index"
                )
                yield Finding(each.layer.line, "PVD003", sentence, CPU if first[0].cpu or each.cpu else GPU)
            first = first or (each, wanted)


def _kept(there: Requirement, wanted: Requirement) -> bool:
    """Whether what is installed already is what is wanted, so that nothing is installed again."""
    version = _pinned(there)
    if not version:
        return not _pinned(wanted)
    return wanted.specifier.contains(version, prereleases=True)


def _cuda_twice(prepared: _Read) -> Iterator[Finding]:
    for base, stage in prepared.images:
        flavour = re.fullmatch(r"(?:.*/)?nvidia/cuda(?:[:@](.*))?", base)
        if not flavour or "-base" in (flavour[1] or "") or any(_COMPILES.search(_whole(layer)) for layer in stage):
            continue
        for each in _torches(prepared, stage):
            if not each.cpu:
                sentence = (
                    f"the wheels that pip installs bring CUDA of their own, and {base} has another one, which is not used or gets in the way; "
                    "start from a python image, since the driver comes from the host"
                )
                yield Finding(each.layer.line, "PVD004", sentence, GPU)
                break


def _whole(layer: Layer) -> str:
    return "\n".join([layer.instruction.text, *layer.instruction.heredocs]) if layer.instruction.name in ("RUN", "ENV") else ""


# --- PVD005, PVD006: order and lists --------------------------------------------------------------------------------------


def _copy_before_install(prepared: _Read) -> Iterator[Finding]:
    for stage in prepared.stages:
        copied: Layer | None = None
        for layer in stage:
            asked = [each for command in layer.commands if (each := install(command))] if layer.instruction.name == "RUN" else []
            if layer.instruction.name in ("COPY", "ADD") and layer.instruction.flag("from") is None:
                *sources, _ = layer.instruction.words or [""]
                copied = copied or (layer if any(source in (".", "./", "*", "./*") for source in sources) else None)
            elif any(each.files or each.verb == "sync" for each in asked):
                if copied and layer.own and copied.own:
                    what = asked[-1].files[0] if asked[-1].files else "the locked packages"
                    sentence = f"`{copied.instruction.name} .` comes before the installation of {what} (line {layer.line}), so every change to your code installs all of it again; COPY the requirements alone, install, then COPY the rest"
                    yield Finding(copied.line, "PVD005", sentence, ORDER)
                break


def _leaves_lists(layer: Layer) -> bool:
    """Whether a RUN fetches apt's package lists and leaves them in its layer."""
    fetched = False
    for command in layer.commands:
        rest = " ".join(command.words[1:])
        if command.program in ("apt-get", "apt"):
            fetched = (fetched or "update" in command.words) and not re.search(r"\bdist-?clean\b", rest)
        elif command.program in ("rm", "find") and re.search(r"/var/lib/(?:apt(?:/lists|/?\*?(?:\s|$))|\{[^}]*apt)", rest):
            fetched = False
    return fetched and not any(within(_LISTS, place) for place in _targets(layer))


def _targets(layer: Layer) -> list[str]:
    return [mount.get("target") or mount.get("dst") or mount.get("destination") or "" for mount in layer.instruction.mounts]


def _package_lists(prepared: _Read) -> Iterator[Finding]:
    for _, stage in prepared.images:
        for layer in stage:
            if layer.instruction.name == "RUN" and _leaves_lists(layer):
                sentence = f"the package lists that `apt-get update` fetches stay in the image; end this RUN with `rm -rf {_LISTS}/*`, or mount a cache there"
                yield Finding(layer.line, "PVD006", sentence, COMPILERS)


# --- PVD007: secrets ------------------------------------------------------------------------------------------------------

_SECRET = re.compile(r"(?:^|_)(?:TOKEN|PASSWORD|PASSWD|PASSPHRASE|SECRET|CREDENTIALS?|APIKEY|KEY)$", re.IGNORECASE)
_NO_SECRET = re.compile(
    r"(?:^|_)(?:(?:GPG|PUBLIC|PRIMARY|SORT|CACHE|FOREIGN|PARTITION|HOST|GROUP)_KEY|(?:PAD|EOS|BOS|UNK|SEP|CLS|MASK)_TOKEN)$", re.IGNORECASE
)
_ADDRESS = re.compile(r"[a-z+]+://[^/\s:@$'\"]+:[^/\s@$'\"]+@")
_LOGIN = re.compile(r"[a-z+]+://[^/\s@]*\$\{?(\w+)[^/\s@]*@", re.ASCII)


def _secrets(prepared: _Read) -> Iterator[Finding]:
    for stage in prepared.stages:
        own = [layer for layer in stage if layer.own]
        for at, layer in enumerate(own):
            each = layer.instruction
            if _ADDRESS.search("\n".join([each.text, *each.heredocs])):
                yield _told(layer.line, f"this {each.name} holds an address with a password, which stays in the image's history")
            if each.name == "ENV":
                for name, value in assigned(each, layer.values, {}):
                    if _secret(name) and value and not value.startswith("/"):
                        yield _told(layer.line, f"ENV {name} stays in the image, where `docker inspect` shows it")
                    elif _secret(name) and "$" in each.text:
                        yield _told(layer.line, f"ENV {name} takes its value from a build argument and keeps it in the image")
            for name in _LOGIN.findall(_whole(layer)):
                if name in _declared(own[:at]) and not _secret(name):
                    yield _told(layer.line, f"{name} is the login in an address of this RUN, whose build argument `docker history` shows")
            if each.name == "ARG" and any(later.instruction.name == "RUN" for later in own[at:]):
                for word in each.words:
                    if _secret(word.partition("=")[0]):
                        yield _told(layer.line, f"ARG {word.partition('=')[0]} is seen in `docker history` by whoever has the image")


def _declared(before: Sequence[Layer]) -> set[str]:
    """Names that the ARG and ENV of a stage give."""
    return {word.partition("=")[0] for layer in before if layer.instruction.name in ("ARG", "ENV") for word in layer.instruction.words}


def _secret(name: str) -> bool:
    return _SECRET.search(name) is not None and _NO_SECRET.search(name) is None


def _told(line: int, what: str) -> Finding:
    return Finding(line, "PVD007", f"{what}; give it to the one RUN that needs it with `--mount=type=secret`", SECRET, "error")


# --- PVD008: root ---------------------------------------------------------------------------------------------------------

_SERVICE = re.compile(
    r"(?:^|[\s/])(?:uvicorn|gunicorn|hypercorn|granian|daphne|waitress-serve|streamlit|jupyter(?:-lab|-server)?|celery|tritonserver|nginx"
    r"|(?:flask|fastapi)\s(?:.*\s)?run|vllm\s+serve|mlflow\s+(?:server|models\s+serve)|http\.server|runserver|bentoml\s+serve)(?:\s|$)"
)
_DROPS = re.compile(r"\b(?:gosu|su-exec|setpriv|runuser|chroot|su)\b")


def _root(prepared: _Read) -> Iterator[Finding]:
    for base, stage in list(prepared.images)[-1:]:
        user = stage[-1].user if stage else "root"
        if stage and stage[-1].instruction.name == "USER":
            user = stage[-1].instruction.text
        started = _started(stage)
        exposed = [layer.line for layer in stage if layer.instruction.name == "EXPOSE"]
        serving = [line for command, line in started if _SERVICE.search(" ".join(command.words))]
        drops = any(_DROPS.search(_whole(layer)) for layer in stage) or any(
            _DROPS.search(" ".join(command.words)) for command, _ in started
        )
        is_root = user.strip("\"'").partition(":")[0] in ("root", "0")
        if (serving or exposed) and is_root and known_image(base) and not drops:
            sentence = "the service runs as root; add a user and name it with USER before the CMD"
            yield Finding((serving or exposed)[-1], "PVD008", sentence, HARDENED, "advice")


CHECKS: tuple[Callable[[_Read], Iterator[Finding]], ...] = (
    _missing_files,
    _deletions,
    _torch_twice,
    _cuda_twice,
    _copy_before_install,
    _package_lists,
    _secrets,
    _root,
)
"""Each gives findings of one code, but for a secret file that is deleted: that is a secret, not a lost megabyte."""
