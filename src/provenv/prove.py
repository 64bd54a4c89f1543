"""Follows scenarios as a reader would and makes proofs of what happened.

Recipe in, proof out: nothing is written here but the transcript that a caller asks for.
"""

import hashlib
import os
import threading
import time
import traceback
from collections.abc import Callable, Collection, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from provenv import distribution, index, lanes, recipe, sandbox, transcript
from provenv.distribution import Installed
from provenv.errors import NotRun
from provenv.lanes import InPlace, Observed, Surroundings
from provenv.proof import TODAY, CommandProof, Environment, Failure, Key, Package, Proof, StepProof, held_date, this_platform
from provenv.recipe import DEFAULT_TIMEOUT, Command, Recipe, Step
from provenv.sandbox import Sandbox
from provenv.scrub import HOME, Scrubber, host_secrets
from provenv.shell import OUTPUT_LIMIT, Result, Shell


class CommandRecord(msgspec.Struct, frozen=True):
    """What one command printed, scrubbed."""

    command: str
    output: list[str]
    exit_code: int | None
    seconds: float


class StepRecord(msgspec.Struct, frozen=True):
    """The commands of one step that ran."""

    id: str
    commands: list[CommandRecord]
    in_place: InPlace | None = None
    """What was run, if not the step itself."""

    @property
    def digest(self) -> str:
        """SHA-256 of the commands and their outputs."""
        told = [[record.command, record.output, record.exit_code] for record in self.commands]
        return "sha256:" + hashlib.sha256(msgspec.json.encode(told)).hexdigest()


@dataclass(frozen=True)
class Run:
    """One scenario that was followed to its end or to its failure."""

    key: Key
    proof: Proof
    records: list[StepRecord]
    diff: str
    """Unified diff of expected and seen output, if that is why it failed."""
    updates: list[tuple[Command, list[str]]]
    """Commands whose expected output was rewritten, in a run that updates."""


@dataclass(frozen=True)
class Skipped:
    """One proof that could not be attempted, and why."""

    key: Key
    reason: str


@dataclass
class Conditions:
    """What a run is told from outside."""

    caches: Path = field(default_factory=sandbox.cache_folder)
    cancelled: threading.Event = field(default_factory=threading.Event)
    update: bool = False
    """Rewrite expected outputs instead of failing on them."""
    on_step: Callable[[Key, Step], None] = lambda key, step: None


_BOOTSTRAP = {"pip", "setuptools"}
"""What an interpreter brings for the environments that it makes."""


class Cancelled(Exception):
    """The run was interrupted; nothing can be said."""


class _Failed(Exception):
    def __init__(self, failure: Failure, diff: str = "") -> None:
        super().__init__(failure.sentence)
        self.failure, self.diff = failure, diff


def follow(source: Recipe, key: Key, conditions: Conditions) -> Run:
    """Follow one scenario in a fresh sandbox; raises `NotRun` where it cannot be attempted, `Cancelled` when interrupted."""
    content = source.content
    begun, ran_at = time.monotonic(), datetime.now(UTC).replace(microsecond=0)
    with sandbox.fresh(source.folder) as box, lanes.get(key.lane).enter(source, key, box, conditions.caches) as surroundings:
        scenario = _Scenario(source, key, conditions, box, surroundings)
        failure, diff = None, ""
        try:
            scenario.assert_nothing_there()
            scenario.run_steps()
        except _Failed as failed:
            failure, diff = failed.failure, failed.diff
        observed = surroundings.observe(scenario.scrub)
        environments = scenario.environments() + observed.environments
        try:
            if failure is None:
                scenario.assert_installed_by_steps(observed)
        except _Failed as failed:
            failure = failed.failure
    if recipe.content_of(source.folder) != content:
        raise NotRun("the recipe changed while it ran; prove it again")
    proof = Proof(
        scenario=key.scenario,
        lane=key.lane,
        python=key.python,
        as_of=key.as_of,
        content=content,
        ran_at=ran_at,
        seconds=round(time.monotonic() - begun, 3),
        interpreter=observed.interpreter or surroundings.interpreter,
        platform=this_platform(),
        steps=[_step_proof(record) for record in scenario.records],
        environments=environments,
        stand_ins=surroundings.stand_ins + observed.stand_ins,
        containers=observed.containers,
        conda=observed.conda,
        failure=failure,
    )
    return Run(key, proof, scenario.records, diff, scenario.updates)


class _Scenario:
    """The life of one scenario in its sandbox."""

    def __init__(self, source: Recipe, key: Key, conditions: Conditions, box: Sandbox, surroundings: Surroundings) -> None:
        self._source, self._key, self._conditions, self._box, self._surroundings = source, key, conditions, box, surroundings
        self._steps = next(each.steps for each in source.scenarios if each.name == key.scenario)
        shown = {box.root: "[sandbox]", box.home: HOME, box.temporary: "/tmp", conditions.caches: f"{HOME}/.cache", **surroundings.shown}  # noqa: S108 (what is shown)
        self.scrub = Scrubber(shown, host_secrets())
        self._before: set[str] = set()
        self.records: list[StepRecord] = []
        self.updates: list[tuple[Command, list[str]]] = []

    def assert_nothing_there(self) -> None:
        """Negative control: before the first step there is no environment and no installed distribution to lean on."""
        for environment in distribution.environments(self._source.folder):
            name = environment.relative_to(self._source.folder)
            raise _Failed(Failure(f"an environment (`{name}`) was there before the first step; delete it from the recipe's folder"))
        for path in recipe.files(self._source.folder):
            carried = [
                part for part in path.relative_to(self._source.folder).parts if part.endswith((".dist-info", ".egg-info", "conda-meta"))
            ]
            if carried:
                raise _Failed(Failure(f"an installed distribution (`{carried[0]}`) was there before the first step; delete it"))
        self._before = {each.name for each in distribution.of(self._surroundings.visible)} - _BOOTSTRAP

    def run_steps(self) -> None:
        """Every step in one shell, in order, until one fails."""
        box, surroundings = self._box, self._surroundings
        held = {**index.held(held_date(self._key.as_of)), **surroundings.variables}
        variables = sandbox.environment(box, surroundings.programs, self._conditions.caches, held)
        bash = surroundings.programs[-1] / "bash"
        with Shell(bash, box.project, variables, box.mark, self._conditions.cancelled) as shell:
            if surroundings.prelude:
                shell.run(surroundings.prelude, DEFAULT_TIMEOUT)
            for step in self._steps:
                self._conditions.on_step(self._key, step)
                self._run_step(shell, step)

    def _run_step(self, shell: Shell, step: Step) -> None:
        records: list[CommandRecord] = []
        deadline = time.monotonic() + step.timeout
        in_place = self._surroundings.in_place(step)
        try:
            for command in _commands(step, in_place):
                result = shell.run(command.text, max(0.001, deadline - time.monotonic()))
                if result.ending == "cancelled":
                    raise Cancelled
                seen = transcript.normal(self.scrub(result.output))
                records.append(CommandRecord(command.text, seen, result.exit_code, round(result.seconds, 3)))
                self._judge(step, command, result, seen)
        finally:
            self.records.append(StepRecord(step.id, records, in_place))

    def _judge(self, step: Step, command: Command, result: Result, seen: list[str]) -> None:
        expected_code = step.exit_code if command not in step.commands[:-1] else 0
        name = command.text.split("\n")[0]
        matched = transcript.matches(command.expected, seen)
        diff = "" if matched else transcript.diff(command.expected, seen)
        sentence = {
            "timeout": f"`{name}` did not end within the step's {step.timeout:g} seconds",
            "flood": f"`{name}` printed more than {OUTPUT_LIMIT // 1024**2} MiB",
            "shell-ended": f"`{name}` ended the shell (exit code {result.exit_code})",
            "done": ""
            if result.exit_code == expected_code
            else f"`{name}` ended with exit code {result.exit_code}, expected {expected_code}",
        }[result.ending]
        if sentence:
            healed = self._key.as_of == TODAY and result.exit_code == 0 and result.ending == "done"
            raise _Failed(Failure(sentence, step.id, command.line, datetime.now(UTC).date() if healed else None), diff)
        if not matched and self._conditions.update:
            self.updates.append((command, transcript.updated(command.expected, seen)))
        elif not matched:
            raise _Failed(Failure(f"`{name}` did not print what is expected", step.id, command.expected_line), diff)

    def assert_installed_by_steps(self, observed: Observed) -> None:
        """What is installed now was not there before, and the index had it at the freeze date."""
        if observed.hole:
            raise _Failed(Failure(observed.hole))
        installed = {each for path in distribution.environments(self._box.home) for each in distribution.installed(path)}
        for each in sorted(installed):
            if each.name in self._before or self._carried(each):
                raise _Failed(Failure(f"{each.name} was already there before the first step, so nothing proves that a step installs it"))
        as_of = held_date(self._key.as_of)
        if as_of is not None:
            found = [(each.name, each.version) for each in installed if not each.local]
            found += [(each.name, each.version) for environment in observed.environments for each in environment.packages if not each.local]
            for sentence in index.too_new(found, as_of, self._conditions.caches):
                raise _Failed(Failure(f"the index was not held: {sentence}; pip older than 26.0 ignores the date, so upgrade it first"))

    def _carried(self, each: Installed) -> bool:
        """Whether the recipe's folder itself holds what a distribution from the index would bring."""
        module = each.name.replace("-", "_")
        return not each.local and any((self._source.folder / name).exists() for name in (module, f"{module}.py"))

    def environments(self) -> list[Environment]:
        """The environments that the steps left, as the proof keeps them."""
        return [
            Environment(
                self.scrub(str(path)).replace(HOME, "~", 1),
                [Package(each.name, each.version, each.local) for each in distribution.installed(path)],
            )
            for path in distribution.environments(self._box.home)
            if ".pyenv" not in path.relative_to(self._box.home).parts
        ]


def _commands(step: Step, in_place: InPlace | None) -> Sequence[Command]:
    """What is run of a step: its commands, or the one in their place, whose output is nobody's to foretell."""
    if in_place is None:
        return step.commands
    first = step.commands[0]
    return [Command(in_place.command, ("...",), first.line, first.expected_line)] if in_place.command else []


def _step_proof(record: StepRecord) -> StepProof:
    commands = [CommandProof(each.exit_code, each.seconds) for each in record.commands]
    place = record.in_place
    return StepProof(record.id, commands, record.digest, place.reason if place else None, place.command if place else None)


def _told(error: Exception) -> str:
    """An unforeseen exception in one line, with the place in our own code where it was raised."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno} ({str(error).splitlines()[0] if str(error) else 'no message'})"


def follow_all(
    asked: Sequence[tuple[Recipe, Key]],
    conditions: Conditions,
    jobs: int | None = None,
    on_start: Callable[[Key], None] = lambda key: None,
) -> Generator[Run | Skipped]:
    """Follow many scenarios at once, as many as `jobs` (default: the cores), and give each as it ends.

    Scenarios that are expected to take long should come first. Raises `Cancelled` after everything was ended when interrupted.
    """
    sandbox.sweep(lanes.forget)

    def one(source: Recipe, key: Key) -> Run | Skipped:
        if conditions.cancelled.is_set():
            raise Cancelled
        on_start(key)
        try:
            return follow(source, key, conditions)
        except NotRun as reason:
            return Skipped(key, str(reason))
        except Cancelled:
            raise
        except Exception as error:  # one scenario's trouble must not take the others' proofs along
            return Skipped(key, f"the engine itself failed: {_told(error)}; please report it")

    count = jobs or os.cpu_count() or 1
    waiting, running = list(asked), dict[Future[Run | Skipped], Key]()
    with ThreadPoolExecutor(count) as pool:
        try:
            while waiting or running:
                while len(running) < count and (pair := _next(waiting, running.values())):
                    waiting.remove(pair)
                    running[pool.submit(one, *pair)] = pair[1]
                done, _ = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in done:
                    del running[future]
                    yield future.result()
        except BaseException:
            conditions.cancelled.set()
            pool.shutdown(cancel_futures=True)
            raise


def _next(waiting: Sequence[tuple[Recipe, Key]], running: Collection[Key]) -> tuple[Recipe, Key] | None:
    """The first that would not have to wait for another scenario of its recipe."""
    taken = {key.recipe for key in running if key.lane in lanes.ONE_OF_A_RECIPE}
    return next((pair for pair in waiting if pair[1].lane not in lanes.ONE_OF_A_RECIPE or pair[1].recipe not in taken), None)
