"""The container engine of this machine: which one it is, what a run made on it, and how that goes away again.

Everything goes through the engine's own command (`docker`, or `podman` under the same verbs).
"""

import json
import os
import re
import shutil
import socket
import subprocess
import tarfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.parser import BytesHeaderParser
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from provenv import layers
from provenv.distribution import Installed
from provenv.errors import NotRun

LABEL = "dev.provenv.run"
"""Label of every image, container, network and volume that a run made; its value is the mark of the run's sandbox."""
CHOICE = "PROVENV_ENGINE"
"""Environment variable that chooses the engine's command, `docker` or `podman`."""
_KINDS = ("container", "image", "network", "volume")
_PATIENCE = 60.0
"""Seconds for an answer about the engine's own state."""
_METADATA = re.compile(r"(?:.*/)?lib/python3(?:\.\d+)?/(?:site|dist)-packages/[^/]+\.dist-info/METADATA")
_PATCHLEVEL = re.compile(r"(?:.*/)?include/python3\.\d+/patchlevel\.h")
_LOCAL = ".dist-info/direct_url.json"
_PY_VERSION = re.compile(rb'#define PY_VERSION\s+"([^"]+)"')


@dataclass(frozen=True)
class Layer:
    """One layer of an image."""

    made_by: str
    bytes: int


@dataclass(frozen=True)
class Image:
    """An image as the engine tells of it."""

    id: str
    names: tuple[str, ...]
    bytes: int
    user: str
    environment: Mapping[str, str]
    layers: tuple[Layer, ...]
    """From the first to the last; those without content are left out."""
    digests: tuple[str, ...] = ()
    """Of what each layer holds, from the first to the last."""


@dataclass(frozen=True)
class Engine:
    """A container engine that answers."""

    program: Path
    kind: str
    """`docker` or `podman`."""
    version: str
    host: str = ""
    """Where it listens, as in `DOCKER_HOST`; empty for the command's own default."""

    def __str__(self) -> str:
        return f"{'Docker Engine' if self.kind == 'docker' else 'Podman'} {self.version}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which its command is started."""
        return {**os.environ, **self.variables}

    @property
    def variables(self) -> dict[str, str]:
        """The variables that lead its command to it from wherever it is started."""
        return {"DOCKER_HOST": self.host} if self.host else {}

    def call(self, *arguments: str, timeout: float = _PATIENCE) -> str:
        """What the engine's command prints; raises `NotRun` with its last line if it fails or does not answer."""
        try:
            done = subprocess.run(
                [self.program, *arguments], env=self.environment, capture_output=True, text=True, timeout=timeout, check=False
            )
        except subprocess.TimeoutExpired:
            raise NotRun(f"{self} did not answer `{' '.join(arguments[:2])}` within {timeout:g} seconds; restart it") from None
        if done.returncode:
            last = (done.stderr.strip() or done.stdout.strip() or "no message").split("\n")[-1]
            raise NotRun(f"{self} refused `{' '.join(arguments[:2])}`: {last}")
        return done.stdout

    def has(self, image: str) -> bool:
        """Whether an image of this name is on the engine."""
        return self.label_of(image, LABEL) is not None

    def label_of(self, image: str, label: str) -> str | None:
        """A label of an image, None if the engine has no such image."""
        asked = ["image", "inspect", "--format", f'{{{{ index .Config.Labels "{label}" }}}}', image]
        done = subprocess.run([self.program, *asked], env=self.environment, capture_output=True, text=True, timeout=_PATIENCE, check=False)
        if done.returncode == 0:
            return done.stdout.strip()
        return None if "no such image" in done.stderr.lower() else self.call(*asked)

    def made(self, mark: str) -> dict[str, list[str]]:
        """Ids of what carries a run's label, by kind, in the order in which they can be removed."""
        return {kind: self._labelled(kind, mark) for kind in _KINDS}

    def _labelled(self, kind: str, mark: str) -> list[str]:
        everything = ["-a"] if kind in ("container", "image") else []
        return list(dict.fromkeys(self.call(kind, "ls", "-q", *everything, "--filter", f"label={LABEL}={mark}").split()))

    def remove(self, mark: str) -> None:
        """Remove all that carries a run's label; what is in use goes after what uses it. Raises `NotRun` if something stays."""
        options = {"container": ["-f", "-v"], "image": ["-f"], "network": [], "volume": ["-f"]}
        for kind in _KINDS:
            for each in self._labelled(kind, mark):
                # An image can be gone with the one before it, so only what is left in the end counts.
                subprocess.run(
                    [self.program, kind, "rm", *options[kind], each],
                    env=self.environment,
                    capture_output=True,
                    timeout=_PATIENCE * 2,
                    check=False,
                )
        left = {kind: ids for kind, ids in self.made(mark).items() if ids}
        if left:
            raise NotRun(f"{self} would not remove {left}; remove it by hand")

    def images(self, mark: str) -> list[Image]:
        """The images with a name that carry a run's label, by name."""
        ids = self._labelled("image", mark)
        told = json.loads(self.call("image", "inspect", *ids)) if ids else []
        found = [self._image(each) for each in told if each.get("RepoTags")]
        return sorted(found, key=lambda image: image.names)

    def _image(self, told: Mapping[str, object]) -> Image:
        config = told.get("Config") or {}
        assert isinstance(config, dict)
        environment = dict(entry.partition("=")[::2] for entry in config.get("Env") or [])
        history = self.call("history", "--no-trunc", "--human=false", "--format", "{{.Size}}\t{{.CreatedBy}}", str(told["Id"]))
        rows = [line.partition("\t")[::2] for line in history.splitlines() if "\t" in line]
        layers = [Layer(_made_by(text), int(size)) for size, text in reversed(rows) if size.isdigit() and int(size)]
        names = tuple(sorted(str(name) for name in told["RepoTags"]))  # type: ignore[attr-defined]  # a list, by the engine's API
        digests = tuple(told["RootFS"]["Layers"])  # type: ignore[index]  # a mapping, by the engine's API
        return Image(str(told["Id"]), names, int(str(told["Size"])), config.get("User") or "root", environment, tuple(layers), digests)

    def contents(self, image: str) -> "Contents":
        """The Pythons and distributions in an image, read from its files; nothing of the image is run."""
        [told] = json.loads(self.call("image", "inspect", image))
        on_disk = layers.of(told)
        if on_disk:
            return _contents((name, path.read_bytes()) for name, path in layers.files(on_disk, _tells).items())
        return self._copied_contents(image)

    def _copied_contents(self, image: str) -> "Contents":
        """The same, by `cp`, because `export` leaves the container's layer mounted for good in Docker Engine 26 (moby issue 48516)."""
        container = self.call("container", "create", image, "nothing").strip()
        try:
            with subprocess.Popen([self.program, "cp", f"{container}:/", "-"], env=self.environment, stdout=subprocess.PIPE) as copy:
                assert copy.stdout is not None
                with tarfile.open(fileobj=copy.stdout, mode="r|") as archive:
                    found = _contents(_files(archive))
                while copy.stdout.read(1 << 20):
                    pass
        except tarfile.TarError as error:
            raise NotRun(f"{self} gave no readable copy of {image}: {error}") from None
        finally:
            self.call("container", "rm", "-f", "-v", container)
        return found


@dataclass(frozen=True)
class Contents:
    """What an image holds of Python."""

    pythons: tuple[str, ...]
    """Full versions, as the headers tell them."""
    distributions: Mapping[str, Sequence[Installed]]
    """Folder in the image to what is installed there, sorted."""


def _files(archive: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    """The files of an archive that tell of Python, by their path from the image's root."""
    for member in archive:
        name = member.name.lstrip("/")
        file = archive.extractfile(member) if member.isfile() and _tells(name) else None
        if file:
            yield name, file.read()


def _tells(name: str) -> bool:
    """Whether a file tells of a Python or of a distribution."""
    return bool(_METADATA.fullmatch(name) or _PATCHLEVEL.fullmatch(name) or name.endswith(_LOCAL))


def _contents(files: Iterable[tuple[str, bytes]]) -> Contents:
    pythons, found, local = set[str](), dict[str, tuple[str, str]](), set[str]()
    for name, text in files:
        info = "/" + name.rpartition("/")[0]
        if _METADATA.fullmatch(name):
            headers = BytesHeaderParser().parsebytes(text)
            found[info] = (canonicalize_name(str(headers["Name"])), str(headers["Version"]))
        elif name.endswith(_LOCAL):
            local.add(info)
        else:
            pythons.update(match[1].decode() for match in [_PY_VERSION.search(text)] if match)
    folders: dict[str, list[Installed]] = {}
    for info, (name, version) in sorted(found.items()):
        folders.setdefault(info.rsplit("/", 1)[0], []).append(Installed(name, version, info in local))
    return Contents(tuple(sorted(pythons)), {folder: sorted(packages) for folder, packages in folders.items()})


def _made_by(text: str) -> str:
    """The instruction of a layer, shortened for people."""
    text = re.sub(r"^(?:RUN |/bin/sh -c |#\(nop\) )+", lambda match: "RUN " if "nop" not in match[0] else "", text)
    text = " ".join(text.removesuffix("# buildkit").split())
    return text if len(text) <= 120 else text[:117] + "..."


# --- finding one ----------------------------------------------------------------------------------------------------------


def find(minimum: Mapping[str, str]) -> Engine:
    """The engine of this machine, if it is one of `minimum` (command to oldest version that will do); raises `NotRun` with the cure."""
    chosen = os.environ.get(CHOICE)
    if chosen and chosen not in ("docker", "podman"):
        raise NotRun(f"{CHOICE} is `{chosen}`; it names `docker` or `podman`")
    found = [name for name in ([chosen] if chosen else ["docker", "podman"]) if shutil.which(name)]
    wanted = " or ".join(f"{'Docker Engine' if name == 'docker' else 'Podman'} {version}" for name, version in minimum.items())
    if not found:
        raise NotRun(f"no container engine on this machine; install {wanted} or newer (on Debian: `scripts/docker-engine up`)")
    engine = _answering(found)
    oldest = minimum.get(engine.kind)
    if oldest is None:
        raise NotRun(f"this recipe needs {wanted} or newer, and this machine has {engine}")
    if _version(engine.version) < _version(oldest):
        raise NotRun(f"this recipe needs {wanted} or newer, and this machine has {engine}; upgrade it")
    if engine.kind == "docker" and subprocess.run([engine.program, "buildx", "version"], capture_output=True, check=False).returncode:
        raise NotRun(f"{engine} is here without its buildx plugin; install the package docker-buildx")
    return engine


def _answering(names: list[str]) -> Engine:
    """The first of these commands behind which an engine answers; raises `NotRun` with what the first one said."""
    trouble = ""
    for name in names:
        program = Path(shutil.which(name) or name)
        try:
            done = subprocess.run([program, "version", "--format", "json"], capture_output=True, text=True, timeout=_PATIENCE, check=False)
            told = json.loads(done.stdout or "{}")
        except (subprocess.TimeoutExpired, OSError, ValueError) as error:
            trouble = trouble or f"`{name}` gives no answer ({type(error).__name__}); restart its engine"
            continue
        server = told.get("Server") or (told.get("Client") if name == "podman" else None)
        if server:
            kind = "podman" if "Podman" in json.dumps(told) or name == "podman" else "docker"
            return Engine(program, kind, str(server["Version"]), _host(program) if kind == "docker" else "")
        denied = "permission denied" in done.stderr
        cure = "your user may not use it; add it to the group docker" if denied else "start it (on Debian: `scripts/docker-engine up`)"
        trouble = trouble or f"the {name} command is here, but its engine does not answer; {cure}"
    raise NotRun(trouble)


def _host(program: Path) -> str:
    """Where the engine of the command's current context listens; it is told here because a sandbox has no contexts of its own."""
    told = subprocess.run(
        [program, "context", "inspect", "--format", "{{ .Endpoints.docker.Host }}"], capture_output=True, text=True, check=False
    )
    return told.stdout.strip()


def _version(text: str) -> Version:
    """A version without what a distribution appends to it (`26.1.5+dfsg1`)."""
    match = re.match(r"\d+(\.\d+)*", text)
    try:
        return Version(match[0] if match else "0")
    except InvalidVersion:
        return Version("0")


# --- the build cache ------------------------------------------------------------------------------------------------------


class _Socket(HTTPConnection):
    """HTTP over the engine's socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_PATIENCE * 2)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


@dataclass(frozen=True)
class CacheRecord:
    """One record of the build cache."""

    made: datetime
    is_mount: bool
    """Whether it is the content of a cache mount, which all builds share."""


class BuildCache:
    """The records of BuildKit's cache, over the engine's API, which prunes many in one call by their ids, as the command cannot.

    An engine that is not on a socket of this machine has none that we see, and keeps its own house.
    """

    def __init__(self, engine: Engine) -> None:
        self._path = engine.host.removeprefix("unix://") if engine.host.startswith("unix://") else ""

    def records(self) -> dict[str, CacheRecord]:
        """The records by their id."""
        told = self._ask("GET", "/system/df?type=build-cache") if self._path else {}
        return {each["ID"]: _record(each) for each in told.get("BuildCache") or []}

    def forget(self, before: Collection[str], until: datetime | None = None) -> None:
        """Prune what was not there `before`; what is in use stays.

        With `until`, only what was made before that moment, and no cache mount: a build that began then may still want the rest.
        """
        added = {each: record for each, record in self.records().items() if each not in before}
        if until is not None:
            added = {each: record for each, record in added.items() if record.made < until and not record.is_mount}
        if added:
            those = f'"^({"|".join(added)})$"'  # the engine takes one value for the id, and reads it as a regular expression
            self._ask("POST", "/build/prune?" + urlencode({"all": "true", "filters": json.dumps({"id": [those]})}))

    def _ask(self, method: str, path: str) -> dict[str, Any]:
        connection = _Socket(self._path)
        try:
            connection.request(method, path)
            told: dict[str, Any] = json.loads(connection.getresponse().read())
            return told
        except (OSError, HTTPException, ValueError):
            return {}
        finally:
            connection.close()


def _record(told: Mapping[str, Any]) -> CacheRecord:
    return CacheRecord(datetime.fromisoformat(told["CreatedAt"]), told["Type"] == "exec.cachemount")
