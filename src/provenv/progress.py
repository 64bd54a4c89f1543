"""Live progress for people at a terminal."""

import threading
import time
from collections.abc import Sequence

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from provenv.proof import Key
from provenv.prove import Run, Skipped
from provenv.proving import summary, verdict
from provenv.recipe import Step

_STYLES = {"proven": "green", "failed": "bold red", "healed": "bold magenta", "not run": "yellow"}


class LiveTeller:
    """Shows what runs now in place, and each verdict as it comes."""

    def __init__(self) -> None:
        self._console = Console()
        self._running: dict[Key, tuple[float, str]] = {}
        self._lock = threading.Lock()
        self._live = Live(get_renderable=self._render, console=self._console, refresh_per_second=4, transient=True)
        self._live.start()

    def _render(self) -> Group:
        with self._lock:
            running = sorted(self._running.items())
        lines = [Text(f"  …      {key} {time.monotonic() - begun:5.1f} s  {step}", style="dim") for key, (begun, step) in running]
        return Group(*lines)

    def started(self, key: Key) -> None:
        with self._lock:
            self._running[key] = (time.monotonic(), "")

    def step(self, key: Key, step: Step) -> None:
        with self._lock:
            self._running[key] = (self._running[key][0], step.id)

    def ended(self, result: Run | Skipped) -> None:
        with self._lock:
            self._running.pop(result.key, None)
        line = verdict(result)
        style = next(style for outcome, style in _STYLES.items() if line.startswith(outcome))
        self._console.print(Text(line, style=style))
        if isinstance(result, Run) and result.diff:
            for part in result.diff.split("\n"):
                self._console.print(
                    Text(f"    {part}", style="red" if part.startswith("-") else "green" if part.startswith("+") else "dim")
                )

    def closed(self, results: Sequence[Run | Skipped]) -> None:
        self._live.stop()
        self._console.print(summary(results))
