"""One persistent bash, driven command by command as a reader would type.

Keeps each command's merged output, exit code and seconds, and ends whatever hangs, floods or stays behind.
Knows nothing of recipes: text in, results out.
"""

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
_GRACE = 2.0
"""Seconds between asking a process to end and ending it."""

_DRIVER = r"""
__provenv_code=0
__provenv_last() {{ return "$__provenv_code"; }}
while IFS= read -r -d '' -u {commands} __provenv_command; do
  __provenv_last
  eval "$__provenv_command" </dev/null {commands}<&- {statuses}>&-
  __provenv_code=$?
  printf '%s\0' "$__provenv_code" >&{statuses}
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
        command_read, self._commands = os.pipe()
        self._statuses, status_write = os.pipe()
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

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def run(self, command: str, timeout: float) -> Result:
        """Run one command (it may span lines) for at most `timeout` seconds; never raises for what the command does."""
        begun = time.monotonic()
        output = bytearray()
        try:
            _write(self._commands, command.encode() + b"\0")
        except BrokenPipeError:
            return Result("", self._process.wait(), 0.0, "shell-ended")
        status = b""
        ending: Ending | None = None
        while ending is None:
            left = begun + timeout - time.monotonic()
            for key, _ in self._selector.select(max(0.0, min(left, 0.2))):
                part = _read(key.fd)
                if part == b"":
                    self._selector.unregister(key.fd)
                if key.fd == self._outputs:
                    output += part or b""
                else:
                    status += part or b""
                    ending = "shell-ended" if part == b"" else "done" if status.endswith(b"\0") else None
            if ending == "shell-ended" and not self._ended(left):
                ending = "timeout"
            if ending is None:
                ending = self._overrun(left, len(output))
        if ending in ("timeout", "flood", "cancelled"):
            self._end_processes()
        output += _drain(self._outputs, OUTPUT_LIMIT)
        code = int(status[:-1]) if ending == "done" else self._process.wait() if ending == "shell-ended" else None
        text = bytes(output[:OUTPUT_LIMIT]).decode("utf-8", "replace")
        return Result(text, code, time.monotonic() - begun, ending)

    def _ended(self, seconds: float) -> bool:
        """Whether what was bash, or the program that a command put in its place, ends in time."""
        try:
            self._process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            return False
        return True

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
        count = end_marked(self._mark)
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        return count


def end_marked(mark: str) -> int:
    """End every process whose environment carries `mark`, also one that left its session; gives how many there were."""
    seen: set[int] = set()
    for _ in range(5):
        found = [process for process in psutil.process_iter() if _carries(process, mark)]
        if not found:
            break
        seen.update(process.pid for process in found)
        for process in found:
            with suppress(psutil.Error):
                process.terminate() if _ == 0 else process.kill()
        psutil.wait_procs(found, timeout=_GRACE if _ == 0 else 0.5)
    return len(seen)


def _carries(process: psutil.Process, mark: str) -> bool:
    try:
        return process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, OSError):
        return False


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
