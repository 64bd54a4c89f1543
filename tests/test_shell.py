"""A shell behaves as a reader's does from command to command, and whatever hangs, floods or stays behind is ended."""

import contextlib
import os
import pty
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from conftest import alive, until
from provenv.shell import OUTPUT_LIMIT, Result, Shell, end_marked

BASH = Path(shutil.which("bash") or "/bin/bash")
SOON = 20.0
"""Limit for commands that end by themselves; generous, because machines that test are busy."""


@pytest.fixture
def mark(tmp_path: Path) -> str:
    return f"mark-{tmp_path.name}-{os.getpid()}"


@pytest.fixture
def home(tmp_path: Path, mark: str) -> Path:
    folder = tmp_path / mark / "home"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def start(home: Path, mark: str) -> Iterator[Callable[..., Shell]]:
    """Starts shells, and closes them at the end."""
    started: list[Shell] = []

    def one(**options: threading.Event) -> Shell:
        started.append(Shell(BASH, home, {"PATH": os.defpath, "HOME": str(home), "LC_ALL": "C.UTF-8"}, mark, **options))
        return started[-1]

    yield one
    for each in started:
        each.close()


@pytest.fixture
def shell(start: Callable[..., Shell]) -> Shell:
    return start()


def told(shell: Shell, command: str) -> str:
    """What a command prints that ends by itself with 0."""
    result = shell.run(command, SOON)
    assert (result.ending, result.exit_code) == ("done", 0), result
    return result.output


# --- as for a reader ------------------------------------------------------------------------------------------------------


def test_a_folder_a_variable_and_a_function_last_from_command_to_command(shell: Shell):
    told(shell, "mkdir -p deep/er && cd deep/er")
    told(shell, "export LEFT=1; right=2; both() { echo $LEFT$right; }")
    assert told(shell, "both; basename $PWD") == "12\ner\n"
    assert told(shell, "bash -c 'echo [$LEFT$right]'") == "[1]\n"


def test_a_sourced_file_changes_the_shell(shell: Shell, home: Path):
    (home / "activate").write_text('export VIRTUAL_ENV=x\ndeactivate() { unset VIRTUAL_ENV; }\nPATH="$HOME/bin:$PATH"\n')
    told(shell, "source activate")
    assert told(shell, 'echo "$VIRTUAL_ENV ${PATH%%:*}"') == f"x {home}/bin\n"
    told(shell, "deactivate")
    assert told(shell, 'echo "[$VIRTUAL_ENV]"') == "[]\n"


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("echo one \\\n  two", "one two\n"),
        ("for x in 1 2; do\n  echo $x\ndone", "1\n2\n"),
        ("cat <<END\n  a\n$((1 + 1))\nEND", "  a\n2\n"),
        ("cat <<'END'\n$HOME\n\nEND\necho after", "$HOME\n\nafter\n"),
        ("echo 'one\ntwo'", "one\ntwo\n"),
        ("# only a remark", ""),
        ("", ""),
        ("echo 'single' \"double\" `echo back` $(echo dollar) \\\\ %s %d", "single double back dollar \\ %s %d\n"),
        ("echo -n no newline", "no newline"),
        ("{ echo grouped; } | tr a-z A-Z", "GROUPED\n"),
        ("(cd / && pwd)", "/\n"),
        ("printf 'a\\tb\\n'", "a\tb\n"),
        ("echo äöü→😀", "äöü→😀\n"),
        ("test -t 0 || test -t 1 || echo no terminal", "no terminal\n"),
    ],
)
def test_a_command_prints_what_it_prints_for_a_reader(shell: Shell, command: str, output: str):
    assert told(shell, command) == output
    assert told(shell, "echo next") == "next\n"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("true", 0),
        ("false", 1),
        ("(exit 42)", 42),
        ("no-such-command", 127),
        ("/", 126),
        ("sh -c 'kill -9 $$'", 137),
        ("if then", 2),
        ("echo 'open", 2),
        ("return 5", 2),
    ],
)
def test_the_exit_code_is_told_and_carries_over(shell: Shell, command: str, code: int):
    result = shell.run(command, SOON)
    assert (result.ending, result.exit_code) == ("done", code)
    assert told(shell, "echo $?") == f"{code}\n"
    assert told(shell, "echo $?") == "0\n"


def test_output_and_errors_come_in_the_order_of_writing(shell: Shell):
    lines = "".join(f"echo out{number}; echo err{number} >&2; " for number in range(50))
    assert told(shell, lines) == "".join(f"out{number}\nerr{number}\n" for number in range(50))


def test_what_reads_the_input_gets_its_end(shell: Shell):
    assert told(shell, "cat; echo end") == "end\n"
    assert shell.run("read -r answer", SOON).exit_code == 1
    assert told(shell, "wc -c") == "0\n"
    assert told(shell, "echo next") == "next\n"


def test_there_is_no_terminal_to_ask_at(shell: Shell):
    result = shell.run("echo x > /dev/tty", SOON)
    assert result.exit_code == 1
    assert "/dev/tty" in result.output


ASKS = """
import sys
from pathlib import Path
from provenv.shell import Shell
assert open("/dev/tty")
with Shell(Path(sys.argv[1]), Path(sys.argv[2]), {"PATH": "/usr/bin:/bin"}, "mark-asks") as shell:
    print("code", shell.run("read -r answer < /dev/tty", 10).exit_code)
"""


def test_a_person_s_terminal_is_out_of_reach(home: Path):
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-c", ASKS, str(BASH), str(home)])
    shown = b""
    with contextlib.suppress(OSError):
        while part := os.read(terminal, 1024):
            shown += part
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, shown
    assert b"code 1" in shown


def test_the_environment_is_exactly_what_was_given(shell: Shell, home: Path, mark: str, monkeypatch: pytest.MonkeyPatch):
    names = {line.partition("=")[0] for line in told(shell, "env").splitlines()}
    assert names == {"PATH", "HOME", "LC_ALL", "PROVENV_SANDBOX", "PWD", "SHLVL", "_"}


def test_seconds_are_those_of_the_command(shell: Shell):
    assert 0.3 <= shell.run("sleep 0.3", SOON).seconds < 10
    assert shell.run("true", SOON).seconds < 5


# --- large and strange ------------------------------------------------------------------------------------------------------


def test_a_command_of_100_kilobytes_runs(shell: Shell):
    text = "x" * 100_000
    assert told(shell, f"v={text}; echo ${{#v}}") == "100000\n"


def test_a_hundred_thousand_bytes_come_out_whole_and_in_order(shell: Shell):
    assert told(shell, "seq 10000") == "".join(f"{number}\n" for number in range(1, 10_001))


def test_bytes_that_are_no_text_are_replaced(shell: Shell):
    assert told(shell, r"printf 'a\377b\303\n'") == "a\ufffdb\ufffd\n"


def test_a_zero_byte_in_the_output_is_kept(shell: Shell):
    assert told(shell, r"printf 'a\0b\n'") == "a\0b\n"
    assert told(shell, "echo next") == "next\n"


def test_a_character_cut_in_two_by_a_read_is_whole(shell: Shell):
    assert told(shell, "printf '%s' $(printf 'é%.0s' $(seq 50000))") == "é" * 50_000


def test_no_descriptor_of_the_driver_reaches_a_command(shell: Shell):
    assert told(shell, "ls /proc/self/fd").split() == ["0", "1", "2", "3"]  # 3 is the folder that ls reads
    told(shell, "sleep 1000 &")
    until(lambda: told(shell, "cat /proc/$!/comm") == "sleep\n")
    assert told(shell, "ls /proc/$!/fd").split() == ["0", "1", "2"]


def test_no_descriptor_of_this_process_or_of_another_shell_reaches_a_command(start: Callable[..., Shell], tmp_path: Path):
    with (tmp_path / "open").open("w"):
        first, second = start(), start()
        for each in (first, second):
            listed = told(each, "ls -l /proc/self/fd /proc/$$/fd")
            assert str(tmp_path / "open") not in listed
            assert listed.count("pipe:") == told(first, "ls -l /proc/self/fd /proc/$$/fd").count("pipe:")


OPENS = """
import sys
from pathlib import Path
from provenv.shell import Shell
with Shell(Path(sys.argv[1]), Path(sys.argv[2]), {}, "mark-opens") as shell:
    for number in range(3, 10):
        shell.run(f"exec {number}>log{number}", 10)
    for number in range(3, 10):
        print(shell.run(f"echo here >&{number}", 10).output)
"""


def test_a_descriptor_that_a_reader_opens_stays_open(home: Path):
    subprocess.run([sys.executable, "-c", OPENS, BASH, home], check=True, close_fds=True)
    assert [(home / f"log{number}").read_text() for number in range(3, 10)] == ["here\n"] * 7


# --- what ends a command ----------------------------------------------------------------------------------------------------


def test_a_command_that_hangs_is_ended_at_its_limit(shell: Shell, mark: str):
    begun = time.monotonic()
    result = shell.run("echo before; sleep 1000", 1)
    assert (result.ending, result.exit_code, result.output) == ("timeout", None, "before\n")
    assert 1 <= time.monotonic() - begun < 15
    assert alive(mark) == []


def test_a_command_that_will_not_be_ended_is_ended(shell: Shell, mark: str):
    result = shell.run("trap '' TERM INT HUP; bash -c 'trap \"\" TERM; while :; do sleep 0.1; done'", 1)
    assert result.ending == "timeout"
    assert alive(mark) == []


def test_a_shell_that_is_stopped_is_ended(shell: Shell, mark: str):
    assert shell.run("kill -STOP $$", 1).ending == "timeout"
    assert alive(mark) == []


def test_a_flood_is_ended_and_cut(shell: Shell, mark: str):
    begun = time.monotonic()
    result = shell.run("yes", 60)
    assert (result.ending, result.exit_code) == ("flood", None)
    assert len(result.output.encode()) <= OUTPUT_LIMIT
    assert set(result.output) == {"y", "\n"}
    assert time.monotonic() - begun < 30
    assert alive(mark) == []


def test_an_output_just_below_the_cap_is_no_flood(shell: Shell):
    assert len(told(shell, f"head -c {OUTPUT_LIMIT} /dev/zero")) == OUTPUT_LIMIT


def test_a_command_that_ends_the_shell_says_so_with_its_last_words(shell: Shell):
    told(shell, "trap 'echo bye' EXIT")
    result = shell.run("echo one; exit 3", SOON)
    assert (result.ending, result.exit_code, result.output) == ("shell-ended", 3, "one\nbye\n")


@pytest.mark.parametrize("command", ["exit 3", "kill -9 $$", "exec true", "set -e; false", "exec 2>&1; exit", "break"])
def test_after_the_end_of_the_shell_nothing_runs(shell: Shell, home: Path, command: str):
    assert shell.run(command, SOON).ending == "shell-ended"
    again = shell.run("touch ran", SOON)
    assert (again.ending, again.output) == ("shell-ended", "")
    assert not (home / "ran").exists()


def test_a_shell_ends_also_while_a_part_of_it_goes_on_in_the_background(shell: Shell):
    result = shell.run("(while :; do sleep 0.1; done) & exit 3", SOON)
    assert (result.ending, result.exit_code) == ("shell-ended", 3)
    assert shell.run("touch ran", SOON).ending == "shell-ended"


def test_a_killed_shell_tells_its_signal(shell: Shell):
    assert shell.run("kill -9 $$", SOON).exit_code == -9


def test_after_a_time_limit_nothing_runs(shell: Shell):
    assert shell.run("sleep 1000", 0.5).ending == "timeout"
    assert shell.run("echo again", SOON).ending == "shell-ended"


def test_a_program_in_the_place_of_the_shell_is_ended_at_the_limit(shell: Shell, mark: str):
    assert shell.run("exec sleep 1000", 1).ending == "timeout"
    assert alive(mark) == []


def test_a_program_in_the_place_of_the_shell_may_print_much(shell: Shell):
    result = shell.run("exec seq 100000", SOON)
    assert result.ending == "shell-ended"
    assert result.output.endswith("\n100000\n")


def within(seconds: float, run: Callable[[], Result], event: threading.Event) -> Result:
    """The result of a command that another thread cancels; fails if that takes longer than `seconds`."""
    threading.Timer(0.5, event.set).start()
    begun = time.monotonic()
    result = run()
    assert time.monotonic() - begun < seconds
    return result


@pytest.mark.parametrize("command", ["sleep 1000", "exec sleep 1000", "while :; do :; done"])
def test_a_command_can_be_cancelled_from_another_thread(start: Callable[..., Shell], mark: str, command: str):
    event = threading.Event()
    shell = start(cancelled=event)
    result = within(15, lambda: shell.run(command, 40), event)
    assert (result.ending, result.exit_code) == ("cancelled", None)
    assert alive(mark) == []


# --- what stays behind --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        "sleep 1000 &",
        "sleep 1000 & disown",
        "nohup sleep 1000 >/dev/null 2>&1 &",
        "setsid sleep 1000 &",
        "setsid -f sleep 1000",
        "(setsid sh -c 'sleep 1000 & sleep 1000' &)",
        "env -i sleep 1000 &",
        "env -i setsid -f sleep 1000",
        "(trap '' TERM; while :; do sleep 0.2; done) &",
        "setsid bash -c 'trap \"\" TERM; while :; do sleep 0.2; done' &",
    ],
)
def test_what_a_command_leaves_behind_is_gone_after_close(shell: Shell, home: Path, command: str):
    def left() -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            try:
                if process.cwd() == str(home) and process.pid != shell._process.pid and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except (psutil.Error, OSError):
                continue
        return found

    begun = time.monotonic()
    assert shell.run(command, SOON).ending == "done"
    assert time.monotonic() - begun < 10, "a process in the background does not hold up the next command"
    until(left)
    try:
        assert shell.close() >= 1
        assert left() == []
    finally:
        for process in left():
            process.kill()


def test_close_counts_nothing_where_nothing_stayed_and_may_be_called_twice(shell: Shell, mark: str):
    told(shell, "sleep 0.01 & wait")
    assert shell.close() == 0
    assert shell.close() == 0
    assert alive(mark) == []


def test_a_shell_is_closed_at_the_end_of_its_block_also_by_an_exception(start: Callable[..., Shell], mark: str):
    with pytest.raises(KeyError), start() as shell:
        told(shell, "setsid -f sleep 1000")
        assert alive(mark)
        raise KeyError
    assert alive(mark) == []


def test_a_trap_that_hangs_at_the_end_does_not_hold_up_close(shell: Shell, mark: str):
    told(shell, "trap 'sleep 1000' EXIT")
    begun = time.monotonic()
    shell.close()
    assert time.monotonic() - begun < 15
    assert alive(mark) == []


def test_processes_of_another_mark_are_left_alone(start: Callable[..., Shell], mark: str):
    told(start(), "setsid -f sleep 1000")
    assert end_marked(mark[:-1]) == 0
    assert end_marked(mark + "0") == 0
    assert alive(mark)


def test_a_bash_that_cannot_be_started_leaves_no_descriptor(home: Path):
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(FileNotFoundError):
        Shell(home / "no-bash", home, {}, "mark-none")
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_closed_shell_leaves_no_descriptor(start: Callable[..., Shell]):
    before = len(os.listdir("/proc/self/fd"))
    for command in ("true", "exit", "exec >/dev/null 2>&1"):
        shell = start()
        shell.run(command, SOON)
        shell.close()
    assert len(os.listdir("/proc/self/fd")) == before


# --- what a reader's own commands do to the driver ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["printf", "read", "eval", "echo", "cd", "return", "wait", "exit"])
def test_a_function_named_like_a_builtin_does_not_break_the_shell(shell: Shell, name: str):
    told(shell, f"{name}() {{ :; }}")
    assert told(shell, "command echo one; (command exit 0)") == "one\n"
    assert shell.run("false", SOON).exit_code == 1
    assert told(shell, f"unset -f {name}; echo $?") == "0\n"


@pytest.mark.parametrize(
    "setting",
    [
        "set -e",
        "set -u",
        "set -o pipefail",
        "set -f",
        "shopt -s nullglob extglob",
        "IFS=:",
        "set -- a b",
        "umask 077",
        "set -o posix",
        "LC_ALL=C",
        "unset HOME PATH",
    ],
)
def test_a_setting_does_not_break_the_shell(shell: Shell, setting: str):
    told(shell, setting)
    assert told(shell, "echo 'one  two'; echo $?") == "one  two\n0\n"
    assert told(shell, "true && echo three") == "three\n"


def test_set_e_ends_the_shell_as_it_ends_a_reader_s(shell: Shell):
    told(shell, "set -e")
    result = shell.run("echo before; false; echo after", SOON)
    assert (result.ending, result.exit_code, result.output) == ("shell-ended", 1, "before\n")


def test_set_e_does_not_end_the_shell_over_a_failure_before_it(shell: Shell):
    assert shell.run("set -e; (exit 3) || true", SOON).ending == "done"
    assert told(shell, "echo still") == "still\n"


def test_an_output_that_is_redirected_for_good_stays_so(shell: Shell, home: Path):
    told(shell, "exec 9>&1 >file 2>&1")
    assert told(shell, "echo hidden; no-such-command || true") == ""
    assert (home / "file").read_text().startswith("hidden\n")
    assert "no-such-command" in (home / "file").read_text()
    told(shell, "exec >&9 2>&1 9>&-")
    assert told(shell, "echo back") == "back\n"


def test_an_output_that_is_closed_for_good_does_not_hang_the_shell(shell: Shell):
    told(shell, "exec >&- 2>&-")
    assert shell.run("echo lost", SOON).ending == "done"
    assert shell.run("(exit 7)", SOON).exit_code == 7


def test_an_input_that_is_redirected_for_good_does_not_eat_commands(shell: Shell, home: Path):
    (home / "file").write_text("touch eaten\n")
    told(shell, "exec <file")
    assert told(shell, "cat >/dev/null; echo next") == "next\n"
    assert told(shell, "echo last") == "last\n"


def test_traps_on_signals_work(shell: Shell):
    told(shell, "trap 'echo caught' USR1")
    assert told(shell, "kill -USR1 $$; true") == "caught\n"


def test_a_late_word_of_the_background_comes_with_a_later_command(shell: Shell):
    told(shell, "(sleep 0.3; echo late) &")
    assert told(shell, "wait; echo next") == "late\nnext\n"
