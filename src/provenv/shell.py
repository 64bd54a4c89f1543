"""One persistent bash, driven command by command as a reader would type.

Keeps each command's merged output, exit code and seconds, and ends whatever hangs, floods or stays behind.
Knows nothing of recipes: text in, results out.
"""

import fcntl
import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import psutil

OUTPUT_LIMIT = 4 * 1024 * 1024
"""Bytes of output after which a command is ended."""
MARK = "PROVENV_SANDBOX"
"""Environment variable that every process of a shell inherits, by which those that stay behind are found."""
_HIGH = 100
"""Lowest number of a descriptor through which bash is driven."""
_GRACE = 2.0
"""Seconds between asking a process to end and ending it."""

_DRIVER = r"""
__provenv_code=0
__provenv_last() {{ return "$__provenv_code"; }}
while IFS= builtin read -r -d '' -u {commands} __provenv_command; do
  __provenv_last
  builtin eval "$__provenv_command" </dev/null {commands}<&- {statuses}>&-
  __provenv_code=$?
  builtin printf '%s\0' "$__provenv_code" >&{statuses}
done
"""

Ending = Literal["done", "timeout", "flood", "shell-ended", "cancelled"]


@dataclass(frozen=True)
class Result:
    """What one command did."""

    output: str
    """Standard output and standard error, merged in the order of writing, decoded as UTF-8."""
    exit_code: int | None
    """None if the command did not end by itself."""
    seconds: float
    ending: Ending


class Shell:
    """A bash process with its own session, no terminal and nothing on standard input; a context manager."""

    def __init__(self, bash: Path, cwd: Path, environment: Mapping[str, str], mark: str, cancelled: threading.Event | None = None) -> None:
        """Start bash in `cwd` with exactly `environment`; `cancelled` ends the running command from another thread."""
        self._mark = mark
        self._cancelled = cancelled or threading.Event()
        command_read, self._commands = _pipe(bash_reads=True)
        self._statuses, status_write = _pipe(bash_reads=False)
        self._outputs, output_write = os.pipe()
        script = _DRIVER.format(commands=command_read, statuses=status_write)
        try:
            self._process = subprocess.Popen(
                [bash, "--noprofile", "--norc", "-c", script, "bash"],
                cwd=cwd,
                env={**environment, MARK: mark},
                stdin=subprocess.DEVNULL,
                stdout=output_write,
                stderr=output_write,
                pass_fds=(command_read, status_write),
                start_new_session=True,
            )
        except OSError:
            for descriptor in (self._commands, self._statuses, self._outputs):
                os.close(descriptor)
            raise
        finally:
            for descriptor in (command_read, status_write, output_write):
                os.close(descriptor)
        for descriptor in (self._statuses, self._outputs):
            os.set_blocking(descriptor, False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._statuses, selectors.EVENT_READ)
        self._selector.register(self._outputs, selectors.EVENT_READ)
        self._pause = 0.2

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def run(self, command: str, timeout: float) -> Result:
        """Run one command (it may span lines) for at most `timeout` seconds; never raises for what the command does."""
        begun = time.monotonic()
        output = bytearray()
        try:
            if self._process.poll() is not None:
                raise BrokenPipeError
            _write(self._commands, command.encode() + b"\0")
        except BrokenPipeError:
            return Result("", self._process.wait(), 0.0, "shell-ended")
        status = bytearray()
        ending: Ending | None = None
        while ending is None:
            left = begun + timeout - time.monotonic()
            heard = self._selector.select(max(0.0, min(left, self._pause)))
            for key, _ in heard:
                (output if key.fd == self._outputs else status).extend(self._read_or_forget(key.fd))
            if status.endswith(b"\0"):
                ending = "done"
            elif not heard and self._process.poll() is not None:
                ending = "shell-ended"
            else:
                ending = self._overrun(left, len(output))
        if ending in ("timeout", "flood", "cancelled"):
            self._end_processes()
        output += _drain(self._outputs, OUTPUT_LIMIT)
        code = int(status[:-1]) if ending == "done" else self._process.poll() if ending == "shell-ended" else None
        text = bytes(output[:OUTPUT_LIMIT]).decode("utf-8", "replace")
        return Result(text, code, time.monotonic() - begun, ending)

    def _read_or_forget(self, descriptor: int) -> bytes:
        """What is there to read; a descriptor at its end is listened to no more."""
        part = _read(descriptor)
        if part == b"":
            self._selector.unregister(descriptor)
            self._pause = 0.01  # bash is gone or replaced, and only its end will tell
        return part or b""

    def _overrun(self, left: float, size: int) -> Ending | None:
        if self._cancelled.is_set():
            return "cancelled"
        return "flood" if size > OUTPUT_LIMIT else "timeout" if left <= 0 else None

    def close(self) -> int:
        """End the shell and whatever it left running; gives the number of processes that had stayed behind."""
        if self._commands < 0:
            return 0
        os.close(self._commands)
        self._commands = -1
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_GRACE)
        left = self._end_processes()
        self._selector.close()
        os.close(self._statuses)
        os.close(self._outputs)
        return left

    def _end_processes(self) -> int:
        count = end_marked(self._mark, self._mark)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        return count


def end_marked(mark: str, folder: str | None = None) -> int:
    """End every process whose environment carries `mark`, or that runs in a `folder` of that name, in whatever session; gives how many there were."""
    seen: set[int] = set()
    for _ in range(5):
        found = [process for process in psutil.process_iter() if _carries(process, mark, folder)]
        if not found:
            break
        seen.update(process.pid for process in found)
        for process in found:
            with suppress(psutil.Error):
                process.terminate() if _ == 0 else process.kill()
        psutil.wait_procs(found, timeout=_GRACE if _ == 0 else 0.5)
    return len(seen)


def _carries(process: psutil.Process, mark: str, folder: str | None) -> bool:
    try:
        here = process.environ().get(MARK) == mark or folder in Path(process.cwd()).parts
        return here and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, OSError):
        return False


def _pipe(bash_reads: bool) -> tuple[int, int]:
    """A pipe whose end for bash has a number that no reader would use; gives the read end first."""
    reading, writing = os.pipe()
    ours, theirs = (writing, reading) if bash_reads else (reading, writing)
    moved = fcntl.fcntl(theirs, fcntl.F_DUPFD_CLOEXEC, _HIGH)
    os.close(theirs)
    return (moved, ours) if bash_reads else (ours, moved)


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _read(descriptor: int) -> bytes | None:
    """What is there to read: None if nothing is, empty at the end."""
    try:
        return os.read(descriptor, 65536)
    except BlockingIOError:
        return None


def _drain(descriptor: int, limit: int) -> bytes:
    data = bytearray()
    while len(data) < limit and (part := _read(descriptor)):
        data += part
    return bytes(data)
