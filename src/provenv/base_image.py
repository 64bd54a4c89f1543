"""The base images of a run: for each image that a Dockerfile names, what a build of the run starts from.

A run's base is the image itself, or its stand-in, with one layer on top: the certificates of this machine, the freeze date for pip and uv, and
the run's mark. The mark makes every build of a run cold at first, whatever the engine has in its cache.
"""

import json
import re
import shutil
import subprocess
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from provenv import sandbox, stand_ins
from provenv.engine import LABEL, Engine
from provenv.errors import NotRun

PREFIX = "provenv-run/"
CONDITIONS = "COPY provenv-conditions/ /"
"""The layer that a run's bases have on top, as an image's history tells it."""
AUTHORITIES = "usr/local/share/ca-certificates/provenv.crt"
"""Where a base has the certificates of this machine: where Debian's ca-certificates looks for more, so that installing it keeps them."""
_REGISTRY_PATIENCE = 20.0


@dataclass(frozen=True)
class Place:
    """Where a build finds an image."""

    image: str
    """Name on the engine."""
    stand_in: str | None
    """What stands in for the image, None if it is the image itself."""


@dataclass(frozen=True)
class Bases:
    """The base images of one run."""

    engine: Engine
    mark: str
    as_of: str
    """ISO date at which pip and uv are held in a build, empty if they are not."""
    caches: Path
    folder: Path
    """Folder of the run."""
    authority: str = ""
    """Certificate, as PEM, of an authority that a build trusts beside those of this machine; empty if there is none."""

    def base(self, name: str) -> Place | None:
        """The place of an image that a FROM names, made ready; None for one that the run itself built."""
        known = self._known()
        if name in known:
            return known[name]
        place = self._made(name)
        if place:
            self._places.write_text(json.dumps({each: asdict(value) for each, value in {**known, name: place}.items()}))
        return place

    @property
    def _places(self) -> Path:
        return self.folder / "bases.json"

    def _known(self) -> dict[str, Place]:
        """The places that an earlier build of the run made ready."""
        return {name: Place(**told) for name, told in json.loads(self._places.read_text()).items()} if self._places.exists() else {}

    def _made(self, name: str) -> Place | None:
        if self.engine.label_of(name, LABEL) == self.mark:
            return None
        found = self.find(name)
        digest = sha256(f"{name}\0{self.mark}".encode()).hexdigest()[:12]
        image = f"{PREFIX}{re.sub('[^a-z0-9]+', '-', name.lower())}:{digest}"
        self._derive(found.image, image)
        return Place(image, found.stand_in)

    def source(self, name: str) -> Place | None:
        """The place of an image that a COPY or a mount takes files from; None if the build finds it by itself."""
        if self.engine.label_of(name, LABEL) == self.mark:
            return None
        found = self.find(name)
        return found if found.stand_in else None

    def find(self, name: str) -> Place:
        """The image itself where it is to be had, else its stand-in; raises `NotRun` if there is neither."""
        if self.engine.has(name) or self.registry_answers(name):
            return Place(name, None)
        stand_in = stand_ins.of(name)
        if stand_in is None:
            raise NotRun(f"the image `{name}` is not to be had: no registry answers for it, and there is no stand-in")
        stand_ins.make(stand_in, self.engine, self.caches, self._conditions("making", ""))
        return Place(stand_in.image, stand_in.sentence)

    def registry_answers(self, name: str) -> bool:
        """Whether a registry has an image of this name for us."""
        command = [str(self.engine.program), "manifest", "inspect", name]
        try:
            return (
                subprocess.run(
                    command, env=self.engine.environment, capture_output=True, timeout=_REGISTRY_PATIENCE, check=False
                ).returncode
                == 0
            )
        except subprocess.TimeoutExpired:
            return False

    def _derive(self, source: str, image: str) -> None:
        context = self.folder / "base"
        context.mkdir(exist_ok=True)
        (context / "Dockerfile").write_text(f"FROM {source}\n{CONDITIONS.replace('COPY', 'COPY --link --from=run')}\n")
        self.engine.call(
            *("build", "--quiet", "--tag", image, "--label", f"{LABEL}={self.mark}"),
            *("--build-context", f"run={self._conditions('run', self.as_of).parent}", str(context)),
            timeout=300,
        )

    def _conditions(self, name: str, as_of: str) -> Path:
        """A folder with the files that pip and uv need in a container of this machine."""
        folder = self.folder / name / "provenv-conditions"
        pip, uv = [f"# {self.mark}", "[global]", "timeout = 60", "retries = 10"], [f"# {self.mark}"]
        bundle = sandbox.certificates()
        if bundle or self.authority:
            inside = folder / AUTHORITIES
            inside.parent.mkdir(parents=True, exist_ok=True)
            inside.write_bytes((Path(bundle).read_bytes() if bundle else b"") + self.authority.encode())
            system = folder / "etc/ssl/certs/ca-certificates.crt"
            system.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(inside, system)
            pip.append(f"cert = /{AUTHORITIES}")
            uv.append("system-certs = true")
        if as_of:
            pip.append(f"uploaded-prior-to = {as_of}T00:00:00Z")
            uv.append(f'exclude-newer = "{as_of}T00:00:00Z"')
        index = sandbox.index_given()
        if index:
            pip.append(f"index-url = {index}")
            uv.append(f'[[index]]\nurl = "{index}"\ndefault = true')
        for path, lines in ((folder / "etc/pip.conf", pip), (folder / "etc/uv/uv.toml", uv)):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join(lines) + "\n")
        return folder
