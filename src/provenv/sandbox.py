"""The place in which one scenario runs: a temporary HOME with a fresh copy of the recipe, and only what is let in on purpose.

Environment variables pass by an allow-list, host programs by a folder of links without the host's Python world.
"""

import configparser
import json
import os
import re
import shutil
import ssl
import stat
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import psutil

from provenv.errors import NotRun
from provenv.shell import end_marked

INDEX = "PROVENV_INDEX_URL"
"""Environment variable that names, on purpose, the package index that recipes use in place of PyPI."""
CHANNEL = "PROVENV_CONDA_CHANNEL"
"""Environment variable that names, on purpose, the channel that recipes use in place of conda-forge."""
_PREFIX = "provenv-"
_OWNER = "owner.json"
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_PYTHON_WORLD = re.compile(
    r"(python|pypy|pip|pydoc|pyenv|pygment|py3|2to3|uvx?$|poetry|pdm|hatch|conda|mamba|micromamba|pixi|virtualenv|nox|tox|ipython|jupyter|idle|easy_install)"
)
_UV_OF_THE_MACHINE = Path("/etc/uv/uv.toml")
_HOST_PROGRAMS = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin")


@dataclass(frozen=True)
class Sandbox:
    """Folders of one scenario's run; `mark` is inherited by its processes."""

    root: Path
    home: Path
    project: Path
    temporary: Path
    mark: str


@contextmanager
def fresh(recipe_folder: Path) -> Iterator[Sandbox]:
    """A sandbox with a fresh copy of a recipe's folder at `~/<name of the folder>`; everything in it is deleted at the end."""
    root = Path(tempfile.mkdtemp(prefix=_PREFIX)).resolve()
    mark = root.name
    try:
        owner = psutil.Process()
        (root / _OWNER).write_text(json.dumps({"pid": owner.pid, "started": owner.create_time()}))
        home, temporary = root / "home", root / "tmp"
        project = home / recipe_folder.name
        temporary.mkdir()
        from provenv.recipe import JUNK  # what reads recipes is slow to load, and builds need this module without it

        shutil.copytree(recipe_folder, project, symlinks=True, ignore=shutil.ignore_patterns(*JUNK))
        yield Sandbox(root, home, project, temporary, mark)
    finally:
        delete(root)


def delete(folder: Path) -> None:
    """Delete a folder, also what was locked in it; what lies beside it or behind its links is left alone."""
    _unlock(folder)
    for parent, names, _ in os.walk(folder):
        for name in names:
            _unlock(Path(parent, name))
    shutil.rmtree(folder, ignore_errors=True)


def _unlock(folder: Path) -> None:
    with suppress(OSError):
        if not folder.is_symlink():
            folder.chmod(stat.S_IRWXU)


def sweep(forget: Callable[[Path], None] = lambda root: None) -> None:
    """Delete the sandboxes of runs that were killed, and end the processes that these left; `forget` is told of each before it goes."""
    for root in Path(tempfile.gettempdir()).glob(_PREFIX + "*"):
        with suppress(OSError):
            if stat.S_ISDIR(root.lstat().st_mode) and not _owned(root):
                end_marked(root.name)
                forget(root)
                delete(root)


def _owned(root: Path) -> bool:
    """Whether the run that made a sandbox is alive, or may be: its first act is to sign, within a minute."""
    try:
        owner = json.loads((root / _OWNER).read_text())
        return bool(abs(psutil.Process(owner["pid"]).create_time() - owner["started"]) < 1)
    except psutil.Error:
        return False
    except (OSError, ValueError, LookupError, TypeError):
        return time.time() - root.stat().st_mtime < 60


def environment(sandbox: Sandbox, programs: list[Path], caches: Path, held: Mapping[str, str]) -> dict[str, str]:
    """The environment variables of a scenario, all of them: fixed ones, certificates, proxies and the index given on purpose, `held`.

    Raises `NotRun` where uv would read the machine's configuration: it has no variable that keeps only that file out.
    """
    if _UV_OF_THE_MACHINE.exists():
        raise NotRun(f"uv would read {_UV_OF_THE_MACHINE} of this machine; prove where there is none")
    variables = {
        "HOME": str(sandbox.home),
        "PATH": os.pathsep.join(map(str, programs)),
        "TMPDIR": str(sandbox.temporary),
        "USER": "you",
        "LOGNAME": "you",
        "SHELL": "/bin/bash",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "XDG_CONFIG_DIRS": os.devnull,
        "TERM": "dumb",
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUNBUFFERED": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_CACHE_DIR": str(caches / "pip"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "PIP_PROGRESS_BAR": "off",
        "PIP_DEFAULT_TIMEOUT": "60",
        "UV_CACHE_DIR": str(caches / "uv"),
        "UV_NO_PROGRESS": "1",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_LINK_MODE": "copy",
        "UV_HTTP_TIMEOUT": "120",
        "POETRY_CACHE_DIR": str(caches / "poetry"),
        "POETRY_VIRTUALENVS_PATH": str(sandbox.home / ".cache/pypoetry/virtualenvs"),
        "POETRY_NO_INTERACTION": "1",
        "POETRY_KEYRING_ENABLED": "false",
    }
    bundle = certificates()
    if bundle:
        variables |= dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "GIT_SSL_CAINFO"), bundle)
    for name in _PROXIES:
        variables |= {case: os.environ[case] for case in (name, name.upper()) if case in os.environ}
    index = index_given()
    if index:
        variables |= dict.fromkeys(("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "POETRY_PYPI_MIRROR_URL"), index)
    return {**variables, **held}


def index_given() -> str | None:
    """The address of a package index that was given on purpose."""
    return os.environ.get(INDEX) or None


@cache
def certificates() -> str | None:
    """The bundle of certificates that this machine trusts: named in the environment, in pip's configuration, or OpenSSL's own."""
    named = [os.environ.get("SSL_CERT_FILE"), os.environ.get("PIP_CERT"), *pip_settings("cert"), ssl.get_default_verify_paths().cafile]
    return next((path for path in (*named, "/etc/ssl/certs/ca-certificates.crt") if path and Path(path).is_file()), None)


def pip_settings(option: str) -> Iterator[str]:
    """What pip's configuration files of this machine say of an option, the user's first."""
    for path in (Path.home() / ".config/pip/pip.conf", Path.home() / ".pip/pip.conf", Path("/etc/pip.conf")):
        settings = configparser.RawConfigParser(strict=False)
        with suppress(OSError, configparser.Error, UnicodeDecodeError):
            settings.read(path, "utf-8")
            yield from filter(None, [settings.get("global", option, fallback=None)])


def host_programs(caches: Path) -> Path:
    """A folder of links to the host's programs, without Python, its tools and whatever is written in Python."""
    folders = [Path(name) for name in _HOST_PROGRAMS if Path(name).is_dir()]
    state = [_PYTHON_WORLD.pattern, *((str(folder), folder.stat().st_mtime_ns) for folder in folders)]
    key = sha256(repr(state).encode()).hexdigest()[:12]
    target = caches / "programs" / key
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=target.parent, prefix=".new-"))
        for folder in reversed(folders):
            for program in folder.iterdir():
                if not _is_of_python(program):
                    link = made / program.name
                    link.unlink(missing_ok=True)
                    link.symlink_to(program)
        try:
            made.rename(target)
        except OSError:
            shutil.rmtree(made)
    if not (target / "bash").exists():
        raise NotRun("no bash on this machine; install it")
    return target


def _is_of_python(program: Path) -> bool:
    """Whether a program belongs to the host's Python world by its own name, by the name of what it links to, or by its first line."""
    if any(_PYTHON_WORLD.match(name) for name in (program.name, os.path.basename(os.path.realpath(program)))):
        return True
    try:
        with program.open("rb") as file:
            return b"python" in file.readline(100) if file.read(2) == b"#!" else False
    except OSError:
        return True


def cache_folder() -> Path:
    """Where downloads, interpreters and other things that may be made again are kept (`PROVENV_CACHE`, else the XDG cache folder)."""
    named = os.environ.get("PROVENV_CACHE")
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(named).resolve() if named else home / "provenv"
