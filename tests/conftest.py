"""Small projects in temporary folders, on which the tests run the real engine: real shells, real environments, real files."""

import base64
import contextlib
import hashlib
import http.server
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import HealthCheck, settings

from provenv import interpreter, project, recipe, sandbox
from provenv.errors import NotRun
from provenv.project import Project
from provenv.recipe import Recipe
from provenv.shell import MARK

settings.register_profile("provenv", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
settings.load_profile("provenv")

AS_OF = "2026-11-01"
"""Freeze date of the recipes that the tests write."""


def pythons() -> list[str]:
    """The Pythons of this machine that recipes may ask for, oldest first."""
    there = []
    for minor in ("3.11", "3.12", "3.13"):
        with contextlib.suppress(NotRun):
            there.append(interpreter.find(minor).minor)
    return there


PYTHON = pythons()[0]


def matter(**changes: str) -> str:
    """Front matter; a keyword replaces a line (`as_of` is `as-of`), an empty value takes it away."""
    lines = {
        "title": "A title",
        "summary": "A summary.",
        "lanes": "[venv]",
        "pythons": f'["{PYTHON}"]',
        "as-of": AS_OF,
        "guides": "[environments]",
    }
    lines |= {name.replace("_", "-"): value for name, value in changes.items()}
    return "---\n" + "".join(f"{name}: {value}\n" for name, value in lines.items() if value) + "---\n\n"


def step(body: str, options: str = 'id="first"') -> str:
    """One `console` fence."""
    return f"```console {options}\n{body.strip(chr(10))}\n```\n\n"


@dataclass(frozen=True)
class Ran:
    """What one call of the command line did."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> str:
        return self.out + self.err


def ended(process: "subprocess.Popen[str]") -> Ran:
    """Wait for a call to end; nothing that a person does may give a traceback."""
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in err, err
    return Ran(process.returncode, out, err)


def _listen_to_signals() -> None:
    """What a runner in the background, or nohup, has its children ignore."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


class Place:
    """A small project in a temporary folder, with caches and a temporary folder of its own."""

    def __init__(self, root: Path, temporary: Path, caches: Path) -> None:
        self.root, self.temporary, self.caches = root, temporary, caches
        (root / "recipes").mkdir(parents=True)
        (root / "mkdocs.yml").write_text("site_name: a test\n")
        (root / "pyproject.toml").write_text("[tool.provenv]\nmax-age-days = 30\n")
        temporary.mkdir()

    def write(self, slug: str, text: str, **files: str) -> Path:
        """Write a recipe's README (front matter is put before a text without one) and its other files; gives its folder."""
        folder = self.root / "recipes" / slug
        folder.mkdir(exist_ok=True)
        (folder / "README.md").write_text(text if text.startswith("---\n") else matter() + text)
        for name, content in files.items():
            (folder / name).write_text(content)
        return folder

    def recipe(self, slug: str, text: str, **files: str) -> Recipe:
        """Write a recipe and read it."""
        return recipe.load(self.write(slug, text, **files))

    def readme(self, slug: str) -> Path:
        return self.root / "recipes" / slug / "README.md"

    def edit(self, slug: str, old: str, new: str) -> None:
        """Change one place of a README."""
        text = self.readme(slug).read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the README"
        self.readme(slug).write_text(text.replace(old, new))

    @property
    def project(self) -> Project:
        return project.find(self.root)

    def proofs(self, slug: str) -> list[dict[str, Any]]:
        """The proofs of a recipe, as the file holds them."""
        path = self.root / "proofs" / f"{slug}.json"
        return json.loads(path.read_text())["proofs"] if path.exists() else []

    @property
    def sandboxes(self) -> list[Path]:
        return sorted(self.temporary.glob("provenv-*"))

    def variables(self, **changes: str) -> dict[str, str]:
        """Environment variables of a call: those of this process, less what would lead the tests to this machine's settings."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
        return {**kept, "TMPDIR": str(self.temporary), "PROVENV_CACHE": str(self.caches), "CI": "1", "TERM": "dumb", **changes}

    def start(self, *arguments: str, **variables: str) -> "subprocess.Popen[str]":
        """Start the command line in the project's folder."""
        return subprocess.Popen(
            [sys.executable, "-m", "provenv", *arguments],
            cwd=self.root,
            env=self.variables(**variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=_listen_to_signals,
        )

    def provenv(self, *arguments: str, **variables: str) -> Ran:
        """Run the command line in the project's folder to its end."""
        process = self.start(*arguments, **variables)
        try:
            return ended(process)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


@pytest.fixture(scope="session")
def caches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder for the whole session, so that pristine interpreters are made once."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    return shared / "provenv-cache"


@pytest.fixture
def place(tmp_path: Path, caches: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An empty project; sandboxes made in this process too lie in its own temporary folder."""
    made = Place(tmp_path / "project", tmp_path / "tmp", caches)
    monkeypatch.setattr(tempfile, "tempdir", str(made.temporary))
    monkeypatch.setenv("PROVENV_CACHE", str(caches))
    monkeypatch.delenv(sandbox.INDEX, raising=False)
    return made


@pytest.fixture(autouse=True)
def certificates_are_looked_up_anew() -> Iterator[None]:
    """The place of the certificates is kept for a process; tests change the environment that it comes from."""
    sandbox.certificates.cache_clear()
    yield
    sandbox.certificates.cache_clear()


# --- a package index of our own ---------------------------------------------------------------------------------------------


def wheel(name: str, version: str, code: str = "") -> tuple[str, bytes]:
    """File name and bytes of a wheel with one module."""
    module = name.replace("-", "_")
    folder = f"{module}-{version}.dist-info"
    files = {
        f"{module}.py": code or f"__version__ = {version!r}\n",
        f"{folder}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{folder}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(
        f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},{len(text)}\n"
        for path, text in files.items()
    )
    files[f"{folder}/RECORD"] = f"{record}{folder}/RECORD,,\n"
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return f"{module}-{version}-py3-none-any.whl", data.getvalue()


@dataclass
class Index:
    """A package index on this machine (PEP 691 and 700), whose answers a test chooses."""

    port: int = 0
    projects: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)
    """Path to the status, type and body that are sent in the place of the ordinary ones; a negative status cuts the body."""
    asked: list[str] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/simple"

    def add(self, name: str, version: str, uploaded: str | None, code: str = "", filename: str = "") -> None:
        """Put a wheel (or a file of another name) on the index."""
        made, data = wheel(name, version, code)
        made = filename or made
        self.blobs[made] = data
        entry = {"filename": made, "url": f"/files/{made}", "hashes": {"sha256": hashlib.sha256(data).hexdigest()}, "size": len(data)}
        self.projects.setdefault(name, []).append(entry | ({"upload-time": uploaded} if uploaded else {}))

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, type and body for a path."""
        name = path.strip("/").rpartition("/")[2]
        if path in self.answers:
            return self.answers[path]
        if path.startswith("/files/") and name in self.blobs:
            return 200, "application/octet-stream", self.blobs[name]
        if path.startswith("/simple/") and name in self.projects:
            told = {"meta": {"api-version": "1.1"}, "name": name, "versions": [], "files": self.projects[name]}
            return 200, "application/vnd.pypi.simple.v1+json", json.dumps(told).encode()
        return 404, "text/plain", b"not here"


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    """A package index that runs, and is the one given on purpose."""
    served = Index()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append(self.path)
            served.authorizations.append(self.headers.get("Authorization", ""))
            status, kind, body = served.answer(self.path)
            self.send_response(abs(status))
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body) + (1000 if status < 0 else 0)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.port = server.server_port
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.setenv(sandbox.INDEX, served.url)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    yield served
    server.shutdown()
    server.server_close()


def until(condition: Callable[[], Any], seconds: float = 30) -> Any:
    """Wait until a condition holds, and give its value; fails after `seconds`."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
    return value


def alive(mark: str) -> list[psutil.Process]:
    """Processes whose arguments hold `mark`, and those that belong to the sandbox of that name."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            named = mark in process.cmdline() or process.environ().get(MARK) == mark
            if named and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found
