"""What a scenario sees of this machine is what was let in on purpose, and nothing of it is left afterwards."""

import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from conftest import Place, alive, step, until
from provenv import sandbox
from provenv.sandbox import Sandbox

BUNDLE = "-----BEGIN CERTIFICATE-----\n"


@pytest.fixture
def folder(place: Place) -> Path:
    return place.write("hello", step("$ true"), **{"a.txt": "1"})


# --- the place --------------------------------------------------------------------------------------------------------------


def test_a_sandbox_holds_a_fresh_copy_of_the_folder(folder: Path):
    (folder / "sub").mkdir()
    (folder / "sub" / "run.sh").write_text("x")
    (folder / "sub" / "run.sh").chmod(0o755)
    (folder / "link").symlink_to("a.txt")
    (folder / "sub" / "__pycache__").mkdir()
    with sandbox.fresh(folder) as box:
        assert box.project == box.home / "hello"
        assert sorted(path.name for path in box.project.rglob("*")) == ["README.md", "a.txt", "link", "run.sh", "sub"]
        assert (box.project / "link").readlink() == Path("a.txt")
        assert os.access(box.project / "sub" / "run.sh", os.X_OK)
        assert sorted(path.name for path in box.home.iterdir()) == ["hello"]
        assert list(box.temporary.iterdir()) == []


def test_what_happens_to_the_copy_does_not_happen_to_the_original(folder: Path):
    with sandbox.fresh(folder) as box:
        (box.project / "a.txt").write_text("2")
        (box.project / "README.md").unlink()
    assert (folder / "a.txt").read_text() == "1"
    assert (folder / "README.md").exists()


def test_two_sandboxes_are_apart(folder: Path):
    with sandbox.fresh(folder) as one, sandbox.fresh(folder) as two:
        assert one.root != two.root
        assert one.mark != two.mark


def spoil(box: Sandbox) -> None:
    """Leave what is hard to delete."""
    deep = box.project / "deep" / "er"
    deep.mkdir(parents=True)
    (deep / "file").write_text("x")
    (deep / "file").chmod(0o444)
    deep.chmod(0o555)
    deep.parent.chmod(0o555)
    locked = box.temporary / "locked"
    locked.mkdir()
    (locked / "file").write_text("x")
    locked.chmod(0o000)
    (box.project / "outside").symlink_to(box.root.parent)
    (box.project / "dangling").symlink_to("nowhere")
    os.mkfifo(box.project / "fifo")


def test_nothing_is_left_after_success(place: Place, folder: Path):
    with sandbox.fresh(folder) as box:
        spoil(box)
    assert list(place.temporary.iterdir()) == []


@pytest.mark.parametrize("error", [KeyError, KeyboardInterrupt, SystemExit])
def test_nothing_is_left_after_an_exception(place: Place, folder: Path, error: type[BaseException]):
    with pytest.raises(error), sandbox.fresh(folder) as box:
        spoil(box)
        raise error
    assert list(place.temporary.iterdir()) == []


def test_nothing_is_left_of_a_folder_that_cannot_be_copied(place: Place):
    with pytest.raises(OSError), sandbox.fresh(place.root / "recipes" / "none"):
        pass
    assert list(place.temporary.iterdir()) == []


def as_nobody(action: Callable[[], bool]) -> bool:
    """What an action gives without the rights of the superuser, to whom no folder is locked."""
    if os.getuid() != 0:
        return action()
    child = os.fork()
    if child == 0:
        try:
            os.setgid(65534)
            os.setuid(65534)
            os._exit(0 if action() else 1)
        except BaseException:
            os._exit(2)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.fixture
def common() -> Iterator[Path]:
    """A folder that everybody may write to."""
    made = Path(tempfile.mkdtemp(dir="/tmp" if os.path.isdir("/tmp") else None))
    made.chmod(0o777)
    yield made
    subprocess.run(["chmod", "-R", "u+rwx", made], check=True)
    subprocess.run(["rm", "-rf", made], check=True)


@pytest.mark.parametrize("mode", [0o000, 0o111, 0o222, 0o333, 0o444, 0o555])
def test_a_locked_folder_is_deleted_by_an_ordinary_user(common: Path, mode: int):
    def action() -> bool:
        top = common / "provenv-x"
        deep = top / "one" / "two"
        deep.mkdir(parents=True)
        (deep / "file").write_text("x")
        (deep / "sub").mkdir()
        deep.chmod(mode)
        deep.parent.chmod(mode)
        sandbox.delete(top)
        return not top.exists()

    assert as_nobody(action)


def test_deleting_touches_nothing_outside(tmp_path: Path):
    """In the folder for temporary files, everybody's, that would lock out everybody else."""
    parent = tmp_path / "parent"
    target = parent / "target"
    (parent / "beside").mkdir(parents=True)
    parent.chmod(0o1777)
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o755)
    (outside / "file").write_text("x")
    (outside / "file").chmod(0o640)
    for _ in range(2):  # the second time there is nothing to delete, as when two runs sweep at once
        if not target.exists() and _ == 0:
            target.mkdir()
            (target / "link").symlink_to(outside)
            (target / "file-link").symlink_to(outside / "file")
        sandbox.delete(target)
        assert not target.exists()
        assert stat.S_IMODE(parent.stat().st_mode) == 0o1777
        assert stat.S_IMODE((outside / "file").stat().st_mode) == 0o640
        assert (parent / "beside").exists()


def test_deleting_outlasts_a_process_that_goes_on_writing(tmp_path: Path):
    target = tmp_path / "parent" / "target"
    target.mkdir(parents=True)
    target.parent.chmod(0o1777)
    script = f"i=0; while [ $i -lt 300 ]; do mkdir -p {target}/a/$i; : > {target}/a/$i/f; i=$((i + 1)); done"
    with subprocess.Popen(["bash", "-c", script], stderr=subprocess.DEVNULL) as writer:
        until((target / "a").exists)
        while writer.poll() is None:
            sandbox.delete(target)
            assert stat.S_IMODE(target.parent.stat().st_mode) == 0o1777
    sandbox.delete(target)
    assert not target.exists()


# --- sandboxes of runs that were killed -----------------------------------------------------------------------------------------

HOLDER = """
import subprocess, sys, time
from pathlib import Path
from provenv import sandbox
from provenv.shell import MARK
with sandbox.fresh(Path(sys.argv[1])) as box:
    subprocess.Popen(["sleep", "1000"], env={MARK: box.mark, "PATH": "/usr/bin:/bin"}, start_new_session=True, stdout=subprocess.DEVNULL)
    print(box.root, flush=True)
    time.sleep(1000)
"""


@pytest.fixture
def hold(place: Place, folder: Path) -> Iterator[Callable[[], tuple[subprocess.Popen[str], Path]]]:
    """Starts processes that hold a sandbox with a process in it."""
    started: list[subprocess.Popen[str]] = []

    def one() -> tuple[subprocess.Popen[str], Path]:
        command = [sys.executable, "-c", HOLDER, folder]
        process = subprocess.Popen(command, env=place.variables(), stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process, Path(process.stdout.readline().strip())

    yield one
    for process in started:
        process.kill()
        process.communicate()
    for root in place.sandboxes:
        for left in alive(root.name):
            left.kill()


def test_a_sweep_removes_what_a_killed_run_left_and_spares_a_live_run(place: Place, hold):
    killed, dead = hold()
    _, live = hold()
    assert len(alive(dead.name)) == len(alive(live.name)) == 1
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert dead.exists()
    assert alive(dead.name)
    sandbox.sweep()
    assert place.sandboxes == [live]
    assert alive(dead.name) == []
    assert len(alive(live.name)) == 1
    assert (live / "home" / "hello" / "README.md").exists()


def test_a_sweep_spares_a_person_who_stands_in_the_sandbox_of_a_killed_run(place: Place):
    root = place.temporary / "provenv-old"
    root.mkdir()
    (root / "owner.json").write_text('{"pid": 999999999, "started": 0}')
    person = subprocess.Popen(["sleep", "1000"], cwd=root)
    try:
        sandbox.sweep()
        assert not root.exists()
        assert person.poll() is None
    finally:
        person.kill()
        person.wait()


def test_a_sweep_tells_of_each_sandbox_before_it_goes(place: Place):
    root = place.temporary / "provenv-old"
    root.mkdir()
    (root / "owner.json").write_text('{"pid": 999999999, "started": 0}')
    told: list[tuple[Path, bool]] = []
    sandbox.sweep(lambda each: told.append((each, each.exists())))
    assert told == [(root, True)]


def test_a_sweep_removes_the_sandbox_of_a_run_whose_number_went_to_another_process(place: Place):
    root = place.temporary / "provenv-old"
    root.mkdir()
    process = psutil.Process()
    (root / "owner.json").write_text(json.dumps({"pid": process.pid, "started": process.create_time()}))
    sandbox.sweep()
    assert root.exists()
    (root / "owner.json").write_text(json.dumps({"pid": process.pid, "started": process.create_time() - 1000}))
    sandbox.sweep()
    assert not root.exists()


@pytest.mark.parametrize("signed", [None, "", "{", "{}", "[]", '{"pid": "x", "started": 0}', '{"pid": -1, "started": 0}'])
def test_a_sweep_spares_what_is_not_signed_yet_but_not_for_ever(place: Place, signed: str | None):
    root = place.temporary / "provenv-new"
    root.mkdir()
    if signed is not None:
        (root / "owner.json").write_text(signed)
    sandbox.sweep()
    assert root.exists()
    os.utime(root, (time.time() - 3600,) * 2)
    sandbox.sweep()
    assert not root.exists()


def test_a_sweep_spares_what_is_no_sandbox(place: Place):
    place.temporary.chmod(0o755)
    notes, folder = place.temporary / "provenv-notes.txt", place.temporary / "other-folder"
    notes.write_text("mine")
    notes.chmod(0o640)
    folder.mkdir()
    target = place.root / "target"
    target.mkdir()
    (place.temporary / "provenv-link").symlink_to(target)
    for path in (notes, folder, target):
        os.utime(path, (0, 0))
    sandbox.sweep()
    assert notes.read_text() == "mine"
    assert stat.S_IMODE(notes.stat().st_mode) == 0o640
    assert stat.S_IMODE(place.temporary.stat().st_mode) == 0o755
    assert folder.exists()
    assert target.exists()


def test_two_sweeps_at_once_do_no_harm(place: Place):
    place.temporary.chmod(0o1777)
    for number in range(30):
        (place.temporary / f"provenv-{number}" / "home" / "x").mkdir(parents=True)
        (place.temporary / f"provenv-{number}" / "owner.json").write_text('{"pid": 999999999, "started": 0}')
    command = [sys.executable, "-c", "from provenv import sandbox; sandbox.sweep()"]
    sweeps = [subprocess.Popen(command, env=place.variables(), stderr=subprocess.PIPE) for _ in range(3)]
    assert [(sweep.communicate()[1], sweep.returncode) for sweep in sweeps] == [(b"", 0)] * 3
    assert place.sandboxes == []
    assert stat.S_IMODE(place.temporary.stat().st_mode) == 0o1777


# --- environment variables ----------------------------------------------------------------------------------------------------

KEPT_OUT = (
    *("FOO_TOKEN", "AWS_SECRET_ACCESS_KEY", "PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL", "PIP_REQUIRE_VIRTUALENV", "PIP_CONSTRAINT"),
    *("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONOPTIMIZE", "VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_EXE", "PYENV_ROOT", "PYENV_VERSION"),
    *("UV_INDEX", "UV_FIND_LINKS", "UV_PYTHON", "POETRY_HTTP_BASIC_X_PASSWORD", "DOCKER_HOST", "SSH_AUTH_SOCK", "GIT_DIR", "BASH_ENV", "ENV", "LD_PRELOAD"),
    *("LD_LIBRARY_PATH", "PROMPT_COMMAND", "PS1", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "PROVENV_CACHE", "OLDPWD", "HOSTNAME", "EDITOR", "DISPLAY"),
)  # fmt: skip


@pytest.fixture
def variables(place: Place, folder: Path) -> Iterator[Callable[[], dict[str, str]]]:
    """Gives the variables of a scenario, computed anew."""
    with sandbox.fresh(folder) as box:

        def of() -> dict[str, str]:
            sandbox.certificates.cache_clear()
            return sandbox.environment(box, [Path("/one"), Path("/two")], place.caches, {"HELD": "yes", "TZ": "UTC"})

        yield of


def test_variables_of_the_host_are_kept_out(variables, monkeypatch: pytest.MonkeyPatch):
    for name in KEPT_OUT:
        monkeypatch.setenv(name, f"host-{name}")
    got = variables()
    assert not [name for name in KEPT_OUT if name in got and got[name] == f"host-{name}"]
    assert "host-" not in " ".join(got.values())
    assert (got["HELD"], got["PATH"]) == ("yes", "/one:/two")


def test_no_variable_gets_in_that_is_not_on_the_list(variables, monkeypatch: pytest.MonkeyPatch):
    before = set(variables())
    for name in ("ANYTHING", "lower", "PROVENV_OTHER", "MY_PROXY", "HTTP_PROXY_PASSWORD", "SSL_CERT_FILE_X"):
        monkeypatch.setenv(name, "x")
    assert set(variables()) == before


def test_proxies_are_let_in(variables, monkeypatch: pytest.MonkeyPatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    assert not [name for name in variables() if "proxy" in name.lower()]
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "localhost")
    got = variables()
    assert (got["https_proxy"], got["NO_PROXY"]) == ("http://proxy.example:3128", "localhost")


def test_an_index_is_let_in_only_where_it_is_given_on_purpose(variables, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://host.example/simple")
    assert "PIP_INDEX_URL" not in variables()
    monkeypatch.setenv("PROVENV_INDEX_URL", "http://meant.example/simple")
    got = variables()
    assert got["PIP_INDEX_URL"] == got["UV_DEFAULT_INDEX"] == "http://meant.example/simple"
    monkeypatch.setenv("PROVENV_INDEX_URL", "")
    assert "PIP_INDEX_URL" not in variables()


def test_certificates_are_let_in(variables, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(BUNDLE)
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    got = variables()
    assert {got[name] for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "GIT_SSL_CAINFO")} == {str(bundle)}


def test_certificates_are_found_in_the_configuration_of_pip(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    bundle, settings = tmp_path / "bundle.pem", tmp_path / ".config" / "pip" / "pip.conf"
    bundle.write_text(BUNDLE)
    settings.parent.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("SSL_CERT_FILE", "PIP_CERT"):
        monkeypatch.delenv(name, raising=False)
    settings.write_text(f"[global]\ncert = {bundle}\nfind-links = /nowhere\n")
    assert sandbox.certificates() == str(bundle)
    for broken in ("[global]\ncert = /no/such/file\n", "cert = x\n", "[global]\ncert\n", "\xff"):
        settings.write_bytes(broken.encode("latin-1"))
        sandbox.certificates.cache_clear()
        assert sandbox.certificates() != str(bundle)


def test_a_bundle_that_is_not_there_is_not_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    assert sandbox.certificates() != str(tmp_path / "none.pem")


# --- programs -------------------------------------------------------------------------------------------------------------------


def test_the_programs_of_the_host_are_there_but_nothing_of_its_python(tmp_path: Path):
    programs = sandbox.host_programs(tmp_path)
    names = {path.name for path in programs.iterdir()}
    assert {"bash", "sh", "ls", "cat", "rm", "mkdir", "sed", "grep", "env"} <= names
    python_world = (
        "python",
        "pip",
        "uv",
        "pyenv",
        "pypy",
        "poetry",
        "conda",
        "mamba",
        "virtualenv",
        "nox",
        "tox",
        "pytest",
        "ipython",
        "jupyter",
        "2to3",
        "pydoc",
        "idle3",
    )
    assert not [name for name in names if name.startswith(python_world)]
    for path in programs.iterdir():
        target = os.path.realpath(path)
        assert not os.path.basename(target).startswith(("python", "pypy")), path


def test_a_program_written_in_python_is_kept_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    host = tmp_path / "bin"
    host.mkdir()
    for name, text in {
        "bash": "",
        "tool": "#!/usr/bin/env python3\n",
        "other": "#!/opt/x/bin/python3.12 -I\n",
        "plain": "#!/bin/sh\n",
        "empty": "",
    }.items():
        (host / name).write_text(text)
        (host / name).chmod(0o755)
    for name in ("python", "python3.13", "pip3", "uv", "uvx", "pypy3", "pdm", "conda", "pipx"):
        (host / name).write_text("binary")
    (host / "renamed").symlink_to(sys.executable)
    monkeypatch.setattr(sandbox, "_HOST_PROGRAMS", (str(host),))
    assert {path.name for path in sandbox.host_programs(tmp_path / "cache").iterdir()} == {"bash", "plain", "empty"}


def test_an_earlier_folder_of_programs_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "bash").write_text(name)
    monkeypatch.setattr(sandbox, "_HOST_PROGRAMS", (str(tmp_path / "one"), str(tmp_path / "none"), str(tmp_path / "two")))
    assert (sandbox.host_programs(tmp_path / "cache") / "bash").read_text() == "one"


def test_programs_are_made_once_and_anew_when_the_host_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    host = tmp_path / "bin"
    host.mkdir()
    (host / "bash").write_text("")
    monkeypatch.setattr(sandbox, "_HOST_PROGRAMS", (str(host),))
    first = sandbox.host_programs(tmp_path / "cache")
    assert sandbox.host_programs(tmp_path / "cache") == first
    (host / "new").write_text("")
    os.utime(host, (1, 1))
    assert "new" in os.listdir(sandbox.host_programs(tmp_path / "cache"))


def test_a_host_without_bash_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "bin").mkdir()
    monkeypatch.setattr(sandbox, "_HOST_PROGRAMS", (str(tmp_path / "bin"),))
    with pytest.raises(sandbox.NotRun, match="no bash"):
        sandbox.host_programs(tmp_path / "cache")


def test_the_cache_folder_is_the_named_one_or_the_user_s(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("PROVENV_CACHE", raising=False)
    assert sandbox.cache_folder() == tmp_path / ".cache" / "provenv"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert sandbox.cache_folder() == tmp_path / "xdg" / "provenv"
    monkeypatch.setenv("PROVENV_CACHE", str(tmp_path / "named"))
    assert sandbox.cache_folder() == tmp_path / "named"


# --- a whole run ------------------------------------------------------------------------------------------------------------------

LOOKS = """
$ echo "${FOO_TOKEN-none} ${PIP_FIND_LINKS-none} ${PYTHONPATH-none} ${VIRTUAL_ENV-none}"
none none none none
$ command -v python; python -c "import sys; print(sys.version_info[:2], sys.flags.no_user_site)"
/usr/local/bin/python
(3, [..]) 1
$ command -v pip uv conda poetry pyenv virtualenv nox tox || echo "no tool"
no tool
$ echo "$HOME $PWD $USER"; ls -A ~; ls -A $TMPDIR
/home/you /home/you/hello you
hello
$ python -c "import pip"
Traceback (most recent call last):
...
ModuleNotFoundError: No module named 'pip'
"""


def test_a_recipe_sees_nothing_of_the_host(place: Place):
    place.write("hello", step(LOOKS, 'id="look" exit="1"'))
    ran = place.provenv(
        "prove", FOO_TOKEN="host-token", PIP_FIND_LINKS="/host", PYTHONPATH=os.environ.get("PYTHONPATH", ""), VIRTUAL_ENV="/host"
    )
    assert ran.code == 0, ran.told


WRITES = """
$ mkdir -p ~/.config/tool ~/.local ~/.cache/tool && touch ~/.bashrc ~/.config/tool/x /$TMPDIR/x ../beside file
$ python -m venv .venv
$ source .venv/bin/activate
$ python -c "import json; json.dump(1, open('out.json', 'w'))"
$ python -m compileall -q .
"""


def tree(folder: Path) -> dict[str, float]:
    return {str(path): path.lstat().st_mtime_ns for path in [folder, *folder.rglob("*")]}


def test_a_run_writes_nothing_outside_of_its_sandbox_its_cache_and_the_records(place: Place, tmp_path: Path):
    """The interpreter, HOME, the recipe and the working folder stay as they were; `proofs/` and `.provenv/` are all that is new."""
    place.write("hello", step(WRITES))
    home, config = tmp_path / "real-home", tmp_path / "config"
    home.mkdir()
    config.mkdir()
    recipes = place.root / "recipes"
    prefix = Path(sys.base_prefix) / "lib" / f"python3.{sys.version_info.minor}" / "json"
    before = tree(recipes), tree(home), tree(config), tree(prefix)
    ran = place.provenv(
        "prove",
        HOME=str(home),
        XDG_CONFIG_HOME=str(config),
        XDG_DATA_HOME=str(config),
        PYENV_ROOT=os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv")),
    )
    assert ran.code == 0, ran.told
    assert (tree(recipes), tree(home), tree(config), tree(prefix)) == before
    assert sorted(path.name for path in place.root.iterdir()) == [".provenv", "mkdocs.yml", "proofs", "pyproject.toml", "recipes"]
    assert list(place.temporary.iterdir()) == []
