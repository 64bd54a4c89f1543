"""The engine's shell against bare bash: what it costs to send commands one by one and keep what each did."""

import os
import shutil
import statistics
from pathlib import Path

from commands import commands
from measure import Figure, Target, Unusable, ratios, run, side_by_side, spread

from provenv.shell import Shell

ROUNDS = 9
LIMIT = 5.0
"""Milliseconds that a command may cost."""


def bash() -> Path:
    """The bash of this machine."""
    found = shutil.which("bash")
    if found is None:
        raise Unusable("no bash on this machine; install it")
    return Path(found)


def measure(folder: Path) -> Figure:
    """Milliseconds that a command costs."""
    folder.mkdir()
    lines = commands()
    program = bash()
    source = folder / "commands.sh"
    source.write_text("\n".join(["begun=$EPOCHREALTIME", *(command for command, _ in lines), 'echo "$begun $EPOCHREALTIME"', ""]))
    expected = "".join(f"{printed}\n" for _, printed in lines)

    def engine() -> float:
        with Shell(program, folder, dict(os.environ), f"provenv-benchmark-{os.getpid()}") as shell:
            results = [shell.run(command, 10) for command, _ in lines]
        if "".join(result.output for result in results) != expected or any(result.exit_code for result in results):
            raise Unusable("the engine's shell does not print what the commands of the benchmark should")
        return statistics.median(result.seconds for result in results) * 1000

    def script() -> float:
        told = run([program, source], folder)[1]
        if not told.startswith(expected):
            raise Unusable("bash does not print what the commands of the benchmark should")
        times = [float(time) for time in told.removeprefix(expected).replace(",", ".").split()]
        if len(times) != 2:
            raise Unusable("this bash cannot tell the time ($EPOCHREALTIME); put bash 5 or newer on PATH")
        return (times[1] - times[0]) / len(lines) * 1000

    def processes() -> float:
        return statistics.median(run([program, "-c", command], folder)[0] for command, _ in lines) * 1000

    found = side_by_side({"provenv": engine, "bash, one script": script, "bash, a process for each": processes}, ROUNDS)
    peers = {name: spread(values) for name, values in found.items() if name != "provenv"}
    provenv = spread(found["provenv"])
    return Figure(
        name="shell",
        title="A command in the engine's shell",
        how=(
            f"Median of {len(lines)} trivial commands, each sent, awaited and read by itself, against the same commands as one script "
            "that nobody watches (timed by bash itself, without its start-up) and as a process each."
        ),
        unit="ms",
        provenv=provenv,
        peers=peers,
        ratios=ratios(provenv, peers),
        targets=[Target(f"at most {LIMIT:g} ms above bash", round(provenv.median - peers["bash, one script"].median, 4), LIMIT)],
    )
