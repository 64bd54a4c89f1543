"""Measures the engine side by side with what it is compared to, and writes `results.json` and the page.

    python benchmarks/run.py PEERS           PEERS: a virtual environment with requirements/bench.txt
    python benchmarks/run.py --page FILE     write the page of the last results
    python benchmarks/run.py --environments  measure only environments and solves, and keep the other figures

Exit codes: 0 every target is met, 1 one is missed, 2 nothing can be said.
"""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import containers
import environments
import jobs
import msgspec
import page
import scenario
import shell
import startup
from measure import Figure, Unusable
from page import Results

RESULTS = Path(__file__).with_name("results.json")
PAGE = Path(__file__).parents[1] / "docs/reference/benchmarks.md"


def main() -> int:
    """Run the command; gives its exit code."""
    parser = argparse.ArgumentParser(description="Measure the engine side by side with what it is compared to.")
    parser.add_argument("peers", type=Path, nargs="?", help="virtual environment with requirements/bench.txt")
    parser.add_argument("--page", type=Path, metavar="FILE", help="write the page of the last results, and measure nothing")
    parser.add_argument("--environments", action="store_true", help="measure only environments and solves, and keep the other figures")
    options = parser.parse_args()
    if options.environments:
        return _environments()
    if (options.peers is None) == (options.page is None):
        parser.error("name the environment of the peers, or a page with --page")
    try:
        if options.page:
            options.page.parent.mkdir(parents=True, exist_ok=True)
            options.page.write_text(page.render(_read()), "utf-8")
            return 0
        results = measure(options.peers.absolute())
    except Unusable as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("benchmarks: interrupted; the last results stay as they were", file=sys.stderr)
        return 2
    _keep(results)
    missed = [(figure, target) for figure in results.figures for target in figure.targets if not target.met]
    for figure, target in missed:
        print(f"missed: {figure.title}: {target.text} is the target, but it is {target.value:.3g} against {target.limit:.3g}")
    return 1 if missed else 0


def measure(peers: Path) -> Results:
    """Every benchmark, one after the other, each told as it ends; leaves nothing behind."""
    scenario.require_peers(peers)
    figures = []
    takes: list[Callable[[Path], Figure]] = [
        lambda folder: shell.measure(folder / "shell"),
        lambda folder: scenario.measure(folder / "scenario", peers),
        lambda _: startup.measure_list(),
        lambda folder: startup.measure_changed(folder / "changed"),
        lambda folder: jobs.measure(folder / "jobs"),
        lambda folder: containers.measure_lane(folder / "lane"),
    ]
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        for take in takes:
            figure = take(Path(name).resolve())
            _tell(figure)
            figures.append(figure)
        for several in (environments.measure(Path(name).resolve() / "conda"), containers.measure_styles(Path(name).resolve() / "styles")):
            for figure in several:
                _tell(figure)
                figures.append(figure)
    now = datetime.now(UTC).date()
    return Results(now, platform.python_version(), platform.system(), platform.machine(), os.cpu_count() or 1, figures)


def _environments() -> int:
    """Put the figures of environments and solves, measured now, beside the others of the last run; gives the exit code."""
    try:
        last = _read()
        with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
            found = environments.measure(Path(name).resolve() / "environments")
    except Unusable as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 2
    today = datetime.now(UTC).date()
    new = [msgspec.structs.replace(figure, measured=today) for figure in found]
    names = {figure.name for figure in new}
    results = msgspec.structs.replace(last, figures=[figure for figure in last.figures if figure.name not in names] + new)
    _keep(results)
    for figure in new:
        _tell(figure)
    return 0


def _keep(results: Results) -> None:
    """Write the results, and the page that is made from them."""
    RESULTS.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n")
    PAGE.write_text(page.render(results), "utf-8")


def _tell(figure: Figure) -> None:
    print(f"{figure.title}: {page.figure(figure.provenv, figure.unit)}")
    for name, peer in figure.peers.items():
        ratio = f", ratio {figure.ratios[name]:g}" if name in figure.ratios else ""
        print(f"  {name}: {page.figure(peer, figure.unit)}{ratio}")
    for target in figure.targets:
        print(f"  target: {target.text}: {'met' if target.met else 'missed'}", flush=True)


def _read() -> Results:
    try:
        return msgspec.json.decode(RESULTS.read_bytes(), type=Results)
    except FileNotFoundError:
        raise Unusable(f"there is no {RESULTS.name}; measure first") from None
    except msgspec.DecodeError as error:
        raise Unusable(f"{RESULTS.name} cannot be read ({error}); measure again") from None


if __name__ == "__main__":
    sys.exit(main())
