"""`rattler-conda` does what conda does, or says in one sentence why not; what is not whole never counts."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from conda.conftest import TINY, Own, Rattler
from conftest import ended
from provenv.conda import audit, program
from provenv.conda.package import Content


def is_clean(rattler: Rattler, name: str = "env") -> bool:
    """Whether a prefix is there, whole, and as its packages left it."""
    return audit.Prefix(rattler.folder / name).audit() == [] and any((rattler.folder / name / "conda-meta").glob("*.json"))


def left(rattler: Rattler) -> list[str]:
    """What lies in the folder beside the state."""
    return sorted(each.name for each in rattler.folder.iterdir() if each.name != "state.json")


# --- create, install, remove ----------------------------------------------------------------------------------------------------


def test_create_makes_the_prefix_with_what_was_asked_for_and_what_that_needs(rattler: Rattler):
    assert rattler.good("create", "--prefix", "env", "--yes", "demo").splitlines() == ["linked demo 2.0 0", "linked words 2.0 0"]
    assert (rattler.folder / "env/share/demo.txt").read_text() == "demo 2.0\n"
    assert (rattler.folder / "env/share/words.txt").read_text() == "words 2.0\n"
    assert rattler.listed() == ["demo 2.0", "words 2.0"]
    assert is_clean(rattler)


def test_a_dry_run_tells_and_makes_nothing(rattler: Rattler):
    assert rattler.good("create", "--prefix", "env", "--dry-run", "demo").splitlines() == [
        "would link demo 2.0 0",
        "would link words 2.0 0",
    ]
    plan = json.loads(rattler.good("create", "--prefix", "env", "--dry-run", "--json", "demo"))
    assert [each["name"] for each in plan["actions"]["LINK"]] == ["demo", "words"]
    assert left(rattler) == []


def test_a_dry_run_of_an_explicit_list_makes_nothing(rattler: Rattler, own: Own):
    (rattler.folder / "list.txt").write_text(f"@EXPLICIT\n{own.address}/noarch/words-1.0-0.conda\n")
    rattler("create", "--prefix", "env", "--dry-run", "--file", "list.txt")
    assert left(rattler) == ["list.txt"]


@pytest.mark.parametrize("command", [("remove", "demo"), ("install", "demo 1.0")])
def test_a_dry_run_changes_nothing(rattler: Rattler, command: tuple[str, str]):
    rattler.good("create", "--prefix", "env", "demo")
    rattler(command[0], "--prefix", "env", "--dry-run", command[1])
    assert rattler.listed() == ["demo 2.0", "words 2.0"]


def test_install_changes_what_it_names_and_keeps_the_rest(rattler: Rattler, own: Own):
    rattler.good("create", "--prefix", "env", "words")
    own.add("other")
    own.add("words", "3.0")
    assert rattler.good("install", "--prefix", "env", "other") == "linked other 1.0 0\n"
    assert rattler.listed() == ["other 1.0", "words 2.0"]
    assert rattler.good("install", "--prefix", "env", "words").splitlines() == ["unlinked words 2.0 0", "linked words 3.0 0"]
    assert is_clean(rattler)


def test_what_was_asked_for_before_holds_for_what_comes_later(rattler: Rattler):
    rattler.good("create", "--prefix", "env", "words <2")
    rattler.bad("install", "--prefix", "env", "demo 2.0")
    rattler.good("install", "--prefix", "env", "demo")
    assert rattler.listed() == ["demo 1.0", "words 1.0"]


def test_remove_takes_away_whatever_needs_it_too(rattler: Rattler, own: Own):
    own.add("more", depends=["demo"])
    rattler.good("create", "--prefix", "env", "more", "python 3.11.*")
    assert rattler.good("remove", "--prefix", "env", "words").splitlines() == [
        f"unlinked {each} 0" for each in ("demo 2.0", "more 1.0", "words 2.0")
    ]
    assert rattler.listed() == ["python 3.11.9"]
    assert not (rattler.folder / "env/share/words.txt").exists()
    assert is_clean(rattler)


def test_what_is_not_there_cannot_be_removed(rattler: Rattler):
    rattler.good("create", "--prefix", "env", "words")
    assert "demo is not installed in env" in rattler.bad("remove", "--prefix", "env", "demo")
    assert "no package is not installed" in rattler.bad("remove", "--prefix", "env")
    assert rattler.listed() == ["words 2.0"]


def test_an_environment_that_is_there_is_not_created_over(rattler: Rattler):
    rattler.good("create", "--prefix", "env", "words 1.0")
    (rattler.folder / "env.yml").write_text("dependencies: [words]\n")
    for command in (["create", "--prefix", "env", "words"], ["env", "create", "--prefix", "env", "--file", "env.yml"]):
        assert "is a conda environment already" in rattler.bad(*command)
    assert rattler.listed() == ["words 1.0"]


def test_what_is_no_environment_is_refused(rattler: Rattler):
    (rattler.folder / "plain").mkdir()
    for command in (["install", "words"], ["remove", "words"], ["run", "true"], ["list"], ["env", "export"]):
        verb, rest = (command[:2], command[2:]) if command[0] == "env" else (command[:1], command[1:])
        rattler.bad(*verb, "--prefix", "plain", *rest)
    rattler.bad("activate", "plain")
    assert list((rattler.folder / "plain").iterdir()) == []


# --- list, info, export, explicit lists ---------------------------------------------------------------------------------------------


def test_list_tells_of_what_is_installed(rattler: Rattler, own: Own):
    rattler.good("create", "--prefix", "env", "demo 1.0")
    assert rattler.good("list", "--prefix", "env") == "demo 1.0 0\nwords 1.0 0\n"
    assert rattler.good("list", "--prefix", "env", "dem") == "demo 1.0 0\n"
    (told,) = json.loads(rattler.good("list", "--prefix", "env", "--json", "demo"))
    assert (told["name"], told["version"], told["build_string"], told["subdir"]) == ("demo", "1.0", "0", "noarch")
    record = next(each for each in own.records if each["fn"] == "demo-1.0-0.conda")
    assert (told["sha256"], told["md5"], told["size"]) == (record["sha256"], record["md5"], record["size"])
    assert told["url"] == f"{own.address}/noarch/demo-1.0-0.conda"


def test_a_pattern_that_is_none_is_one_sentence(rattler: Rattler):
    rattler.good("create", "--prefix", "env", "demo 1.0")
    assert "`*` is no regular expression: nothing to repeat" in rattler.bad("list", "--prefix", "env", "*")


def test_an_explicit_list_makes_the_same_again(rattler: Rattler):
    rattler.good("create", "--prefix", "env", "demo 1.0", "python 3.11.*")
    listed = rattler.good("list", "--prefix", "env", "--explicit")
    assert listed.startswith("@EXPLICIT\nhttp://")
    (rattler.folder / "list.txt").write_text(listed)
    rattler.good("create", "--prefix", "again", "--file", "list.txt")
    assert rattler.listed("again") == rattler.listed("env") == ["demo 1.0", "python 3.11.9", "words 1.0"]
    assert is_clean(rattler, "again")


@pytest.mark.parametrize("kind", ["md5", "sha256"])
def test_an_explicit_list_is_held_to_its_digests(rattler: Rattler, own: Own, kind: str):
    digest = next(each[kind] for each in own.records if each["fn"] == "words-1.0-0.conda")
    line = f"{own.address}/noarch/words-1.0-0.conda#{'sha256:' if kind == 'sha256' else ''}"
    (rattler.folder / "list.txt").write_text(f"@EXPLICIT\n{line}{digest}\n")
    rattler.good("create", "--prefix", "env", "--file", "list.txt")
    other = digest[:-1] + ("0" if digest[-1] != "0" else "1")
    (rattler.folder / "other.txt").write_text(f"@EXPLICIT\n{line}{other}\n")
    assert "the digest of words-1.0-0.conda in the list is not the one of the channel" in rattler.bad(
        "create", "--prefix", "other", "--file", "other.txt"
    )
    assert left(rattler) == ["env", "list.txt", "other.txt"]


def test_an_explicit_list_names_what_the_channel_has(rattler: Rattler, own: Own):
    (rattler.folder / "list.txt").write_text(f"@EXPLICIT\n{own.address}/noarch/words-7.0-0.conda\n")
    assert "the channel of words-7.0-0.conda does not list it" in rattler.bad("create", "--prefix", "env", "--file", "list.txt")


@pytest.mark.parametrize("line", ["http://127.0.0.1:1/x", "http://127.0.0.1:1/noarch/words.conda", "https://[nonsense/noarch/a-1-0.conda"])
def test_a_line_of_an_explicit_list_that_names_no_package_is_one_sentence(rattler: Rattler, line: str):
    (rattler.folder / "list.txt").write_text(f"@EXPLICIT\n{line}\n")
    rattler.bad("create", "--prefix", "env", "--file", "list.txt")
    assert left(rattler) == ["list.txt"]


def test_the_export_of_all_makes_the_same_again_and_the_one_from_history_holds_what_was_typed(rattler: Rattler):
    rattler.good("create", "--prefix", "env", "demo <2", "python 3.11.*")
    told = yaml.safe_load(rattler.good("env", "export", "--prefix", "env"))
    assert told["channels"] == ["conda-forge"]
    assert told["dependencies"] == ["demo=1.0=0", "python=3.11.9=0", "words=1.0=0"]
    assert yaml.safe_load(rattler.good("env", "export", "--prefix", "env", "--no-builds"))["dependencies"][0] == "demo=1.0"
    typed = yaml.safe_load(rattler.good("env", "export", "--prefix", "env", "--from-history"))["dependencies"]
    assert sorted(each.split()[0] for each in typed) == ["demo", "python"]
    (rattler.folder / "all.yml").write_text(yaml.safe_dump(told))
    rattler.good("env", "create", "--prefix", "again", "--file", "all.yml")
    assert rattler.listed("again") == rattler.listed("env")


def test_an_environment_file_names_packages_and_channels(rattler: Rattler):
    (rattler.folder / "environment.yml").write_text("channels: [tiny, conda-forge, nodefaults]\ndependencies: [libfoo <2, python]\n")
    rattler.good("env", "create", "--prefix", "env")
    assert rattler.listed() == ["libfoo 1.0", "python 3.12.4"]
    for name in ("environment.yml", "specs.txt"):
        (rattler.folder / "specs.txt").write_text("# what is asked for\nlibfoo <2\n")
        channels = ["--channel", TINY, "--channel", "conda-forge"]
        told = rattler.good("create", "--prefix", "other", "--dry-run", *channels, "--file", name)
        assert "would link libfoo 1.0 0" in told


def test_info_tells_of_virtual_packages(rattler: Rattler):
    told = json.loads(rattler.good("info", "--json", CONDA_OVERRIDE_CUDA="12.6"))
    assert ["__cuda", "12.6", "0"] in told["virtual_pkgs"]
    assert told["conda_version"].startswith("rattler-conda ")
    assert "__cuda" not in rattler.good("info", CONDA_OVERRIDE_CUDA="")


# --- run, activate ----------------------------------------------------------------------------------------------------------------


def test_run_starts_what_the_prefix_holds_and_hands_on_its_exit_code(rattler: Rattler):
    rattler.good("create", "--prefix", "env", "python 3.11.*")
    assert rattler.good("run", "--prefix", "env", "python") == "Python 3.11.9\n"
    assert rattler.good("run", "--prefix", "env", "sh", "-c", 'echo "$CONDA_PREFIX"') == f"{rattler.folder}/env\n"
    assert rattler("run", "--prefix", "env", "sh", "-c", "exit 7").code == 7
    assert rattler("run", "--prefix", "env", "no-such-program").code == 127


def test_run_without_a_command_is_refused(rattler: Rattler):
    rattler.good("create", "--prefix", "env", "words")
    assert rattler("run", "--prefix", "env").code in (1, 2)


def test_activate_is_for_the_shell_that_reads_it(rattler: Rattler, own: Own):
    own.add("switch", files={"etc/conda/activate.d/switch.sh": Content(b"export SWITCH=on\n")})
    rattler.good("create", "--prefix", "env", "python 3.11.*", "switch")
    (rattler.folder / "script").write_text(rattler.good("activate", "./env"))
    script = 'source ./script; cd /; python; echo "$CONDA_PREFIX $SWITCH"'
    told = subprocess.run(["bash", "-c", script], cwd=rattler.folder, capture_output=True, text=True, check=True).stdout
    assert told == f"Python 3.11.9\n{rattler.folder}/env on\n"


# --- what is chosen -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cuda", "build"), [("", "cpu_0"), ("11.8", "cuda118_200"), ("12.6", "cuda126_300"), ("13.0", "cuda130_400")])
def test_the_cuda_that_is_said_to_be_there_chooses_the_build(rattler: Rattler, cuda: str, build: str):
    told = rattler.good(
        "create", "--prefix", "env", "-c", TINY, "-c", "conda-forge", "--dry-run", "--quiet", "tinygpu", CONDA_OVERRIDE_CUDA=cuda
    )
    assert f"would link tinygpu 1.0 {build}" in told.splitlines()


@pytest.mark.parametrize(("libc", "version"), [("2.36", "0.9"), ("2.99", "1.0")])
def test_the_c_library_that_is_said_to_be_there_chooses_the_version(rattler: Rattler, libc: str, version: str):
    told = rattler.good("create", "--prefix", "env", "-c", TINY, "-c", "conda-forge", "--dry-run", "newlibc", CONDA_OVERRIDE_GLIBC=libc)
    assert f"would link newlibc {version} 0" in told.splitlines()


def test_a_build_for_a_gpu_that_is_not_there_is_not_taken(rattler: Rattler):
    told = rattler.bad("create", "--prefix", "env", "-c", TINY, "-c", "conda-forge", "tinygpu=1.0=cuda126*", CONDA_OVERRIDE_CUDA="")
    assert "the specs cannot be satisfied" in told
    assert "__cuda" in told


def test_the_first_channel_wins_also_for_a_version_that_only_another_one_has(rattler: Rattler, own: Own):
    own.add("six", "1.17.0")
    both = ("-c", "conda-forge", "-c", TINY, "--dry-run")
    assert "would link six 1.17.0 0" in rattler.good("create", "--prefix", "env", *both, "six")
    for spec in ("six >=9", "six=9.9.9", "six 9.9.9 0"):
        assert "the specs cannot be satisfied" in rattler.bad("create", "--prefix", "env", *both, spec)
    assert "would link six 9.9.9 0" in rattler.good("create", "--prefix", "env", *both, "--no-channel-priority", "six >=9")
    assert "would link six 9.9.9 0" in rattler.good("create", "--prefix", "env", "-c", TINY, "-c", "conda-forge", "--dry-run", "six")


def test_python_is_the_pinned_one_if_it_is_taken_at_all(rattler: Rattler):
    rattler.state["pinned"] = ["python 3.11.*"]
    rattler.good("create", "--prefix", "env", "python")
    assert rattler.listed() == ["python 3.11.9"]
    assert "the specs cannot be satisfied" in rattler.bad("create", "--prefix", "other", "python 3.12.*")
    rattler.good("create", "--prefix", "none", "words")
    assert rattler.listed("none") == ["words 2.0"]


def test_a_package_from_after_the_freeze_date_is_not_taken(rattler: Rattler, own: Own):
    own.add("words", "3.0", released=datetime(2026, 6, 1, 0, 0, 1, tzinfo=UTC))
    rattler.state["newest"] = "2026-06-01"
    assert "would link words 2.0 0" in rattler.good("create", "--prefix", "env", "--dry-run", "words", TZ="UTC")
    rattler.state["newest"] = "2026-06-02"
    assert "would link words 3.0 0" in rattler.good("create", "--prefix", "env", "--dry-run", "words", TZ="UTC")
    rattler.state["newest"] = ""
    assert "would link words 3.0 0" in rattler.good("create", "--prefix", "env", "--dry-run", "words")


def test_what_the_reader_built_just_now_is_taken_from_their_own_folder(rattler: Rattler, own: Own):
    own.add("words", "3.0", released=datetime(2026, 6, 2, tzinfo=UTC))
    rattler.state["newest"] = "2026-06-01"
    told = rattler.good("create", "--prefix", "env", "-c", f"file://{own.folder}/conda-forge", "--dry-run", "words")
    assert "would link words 3.0 0" in told


# --- what goes wrong --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["demo >=3"], "the specs cannot be satisfied: "),
        (["demo 2.0", "words 1.0"], "the specs cannot be satisfied: "),
        (["no-such-package"], "the specs cannot be satisfied: "),
        (["demo =!="], "a spec cannot be read: "),
        (["*"], "a spec cannot be read: "),
        (["-c", "http://127.0.0.1:1/gone", "demo"], "the channel does not answer: "),
        (["-c", "file:///no/such/folder", "demo"], "the channel does not answer: "),
        (["-c", "http://[nonsense", "demo"], ""),
        (["--file", "none.yml"], "No such file or directory: none.yml"),
        (["--file", "latin.yml"], "latin.yml"),
        (["--file", "latin.txt"], "latin.txt"),
        (["--file", "nothing.yml"], "nothing.yml is no environment file"),
        (["--file", "list.yml"], "list.yml is no environment file"),
        (["--file", "empty.txt"], "no package was named"),
        ([], "no package was named"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_leaves_nothing(rattler: Rattler, arguments: list[str], sentence: str):
    files = {"latin.yml": b"\xe9", "latin.txt": b"\xe9", "nothing.yml": b"", "list.yml": b"- numpy\n", "empty.txt": b"# nothing\n"}
    for name, data in files.items():
        (rattler.folder / name).write_bytes(data)
    assert sentence in rattler.bad("create", "--prefix", "env", *arguments).split("\n")[0]
    assert left(rattler) == sorted(files)


@pytest.mark.parametrize(
    "content", ["dependencies: [demo, {pip: }]\n", "dependencies: [demo, {pip: six}]\n", "channels: 7\ndependencies: [demo]\n"]
)
def test_an_environment_file_of_another_form_is_one_sentence(rattler: Rattler, content: str):
    (rattler.folder / "environment.yml").write_text(content)
    rattler("env", "create", "--prefix", "env")  # whatever it makes of it, no traceback


def test_a_platform_that_is_none_is_one_sentence(rattler: Rattler):
    rattler.bad("create", "--prefix", "env", "words", CONDA_SUBDIR="nonsense")
    assert left(rattler) == []


def test_trouble_is_told_as_json_where_that_is_asked_for(rattler: Rattler):
    ran = rattler("create", "--prefix", "env", "--json", "demo >=3")
    assert ran.code == 1
    told = json.loads(ran.out)
    assert told["success"] is False
    assert "demo" in told["message"]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["env"],
        ["env", "remove"],
        ["env", "update", "--prefix", "env"],
        ["create", "demo"],
        ["create", "--name", "env", "demo"],
        ["create", "--prefix", "env", "--clone", "other"],
        ["create", "--pref", "env", "demo"],
        ["install", "--prefix", "env", "--update-all"],
        ["update", "--prefix", "env", "--all"],
        ["remove", "--prefix", "env", "--all"],
        ["config", "--add", "channels", "conda-forge"],
        ["shell.bash", "hook"],
        ["clean", "--all"],
        ["deactivate"],
    ],
    ids=" ".join,
)
def test_what_it_does_not_do_it_refuses(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended_with:
        program.main(arguments)
    assert ended_with.value.code == 2
    assert "it does only part of what conda does, and refuses the rest" in capsys.readouterr().err


def test_an_unknown_option_ends_the_command_with_2_and_makes_nothing(rattler: Rattler):
    assert "unrecognized arguments: --clone" in rattler.bad("create", "--prefix", "env", "words", "--clone", "other", code=2)
    assert left(rattler) == []


@pytest.mark.parametrize("damage", ["changed", "cut", "gone", "empty"])
def test_a_package_that_is_not_the_one_of_the_index_is_not_installed(rattler: Rattler, own: Own, damage: str):
    file = own.file("words-2.0-0")
    data = file.read_bytes()
    file.write_bytes({"changed": data.replace(b"pkg-words", b"pkg-wordz"), "cut": data[:-100], "gone": b"", "empty": b""}[damage])
    if damage == "gone":
        file.unlink()
    told = rattler.bad("create", "--prefix", "env", "demo")
    if damage == "changed":
        assert "a package is not the one that the index promises: " in told
    assert left(rattler) == []
    file.write_bytes(data)
    rattler.good("create", "--prefix", "env", "demo")  # and nothing of it was kept
    assert is_clean(rattler)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes."""
    if os.geteuid() != 0:
        pytest.skip("a small file system is mounted by root only")
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_of_the_prefix_is_one_sentence_and_no_prefix(rattler: Rattler, own: Own, small: Path):
    own.add("big", depends=["words"], files={"share/big": Content(os.urandom(4_000_000))})
    assert "no space is left on the disk: " in rattler.bad("create", "--prefix", small / "env", "big")
    assert list(small.iterdir()) == []
    rattler.good("create", "--prefix", small / "env", "words")
    assert "no space is left on the disk: " in rattler.bad("install", "--prefix", small / "env", "big")
    assert (small / "env" / audit.UNFINISHED).exists()


def test_a_full_disk_of_the_cache_is_one_sentence_and_no_prefix(rattler: Rattler, own: Own, small: Path):
    own.add("big", depends=["words"], files={"share/big": Content(os.urandom(4_000_000))})
    rattler.state["cache"] = str(small / "cache")
    assert "no space is left on the disk: " in rattler.bad("create", "--prefix", "env", "big")
    assert left(rattler) == []
    rattler.good("create", "--prefix", "env", "words")
    assert is_clean(rattler)


def test_a_prefix_that_cannot_be_written_is_one_sentence(rattler: Rattler):
    (rattler.folder / "file").write_text("mine")
    for prefix in ("file", "file/env"):
        assert "Not a directory" in rattler.bad("create", "--prefix", prefix, "words")
    assert (rattler.folder / "file").read_text() == "mine"


def test_what_lay_in_the_folder_of_a_prefix_that_failed_is_left_alone(rattler: Rattler, own: Own):
    (rattler.folder / "env").mkdir()
    (rattler.folder / "env/mine.txt").write_text("mine")
    own.file("words-2.0-0").write_bytes(own.file("words-1.0-0").read_bytes())
    rattler.bad("create", "--prefix", "env", "demo")
    assert (rattler.folder / "env/mine.txt").read_text() == "mine"
    assert "half a prefix" in rattler.bad("create", "--prefix", "env", "words 1.0")


@pytest.mark.parametrize("ending", ["failure", "interruption"])
def test_what_was_still_being_linked_when_an_install_ended_does_not_come_back(rattler: Rattler, own: Own, ending: str):
    parts = [f"part-{number}" for number in range(30)]
    for part in parts:
        own.add(part, files={f"share/{part}/{number}.txt": Content(b"part\n") for number in range(40)})
    own.add("last")
    own.add("all", depends=[*parts, "last"])
    rattler.good("create", "--prefix", "before", "--quiet", *parts)  # so that the cache has all but the last
    if ending == "failure":
        own.file("last-1.0-0").unlink()
        rattler.bad("create", "--prefix", "env", "all")
    else:
        own.server.held.append("last")
        process = rattler.start("create", "--prefix", "env", "all")
        assert own.server.waiting.wait(30)
        process.send_signal(signal.SIGINT)
        assert ended(process).code == 130
    time.sleep(0.2)
    assert left(rattler) == ["before"], "half a prefix was left" + (", which counts as whole" if is_clean(rattler) else "")


# --- interruptions ---------------------------------------------------------------------------------------------------------------------


def interrupted(rattler: Rattler, own: Own, number: signal.Signals, *arguments: str) -> tuple[int, str]:
    """Exit code and last words of a command that was interrupted while it waited for the package `slow` and had the others."""
    own.add("slow", depends=["demo 1.0"])
    own.server.held.append("slow")
    process = rattler.start(*arguments)
    assert own.server.waiting.wait(30)
    end = time.monotonic() + 10
    while not (rattler.folder / "env/share/demo.txt").exists() and time.monotonic() < end:
        time.sleep(0.02)
    if number == signal.SIGTERM:
        process.send_signal(number)
    else:  # as a terminal does it
        os.killpg(process.pid, number)
    ran = ended(process)
    own.server.held.clear()
    own.server.go.set()
    return ran.code, ran.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_create_leaves_nothing(rattler: Rattler, own: Own, number: signal.Signals):
    code, told = interrupted(rattler, own, number, "create", "--prefix", "env", "slow")
    assert code == 130
    assert told.startswith("rattler-conda: interrupted")
    assert len(told.splitlines()) == 1
    time.sleep(0.2)
    assert left(rattler) == []
    rattler.good("create", "--prefix", "env", "slow")
    assert is_clean(rattler)


def refuses_half(rattler: Rattler) -> bool:
    """Whether every command refuses the prefix `env`, and leaves its mark."""
    commands = [["create", "words"], ["install", "words"], ["remove", "words"], ["run", "true"], ["list"]]
    for verb, *rest in commands:
        rattler.bad(verb, "--prefix", "env", *rest)
    rattler.bad("activate", "env")
    rattler.bad("env", "export", "--prefix", "env")
    return (rattler.folder / "env" / audit.UNFINISHED).exists()


def test_an_interrupted_change_leaves_its_mark_and_every_command_refuses_the_prefix(rattler: Rattler, own: Own):
    rattler.good("create", "--prefix", "env", "words 1.0")
    code, told = interrupted(rattler, own, signal.SIGINT, "install", "--prefix", "env", "slow")
    assert code == 130
    assert "no half prefix was left" not in told, "half a prefix was left"
    assert (rattler.folder / "env" / audit.UNFINISHED).exists()
    assert [each.kind for each in audit.Prefix(rattler.folder / "env").audit()][-1] == "unfinished"
    assert refuses_half(rattler)


def test_a_killed_create_leaves_its_mark_and_every_command_refuses_the_prefix(rattler: Rattler, own: Own):
    code, _ = interrupted(rattler, own, signal.SIGKILL, "create", "--prefix", "env", "slow")
    assert code == -signal.SIGKILL
    assert refuses_half(rattler)
