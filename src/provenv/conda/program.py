"""The command `rattler-conda`: does with py-rattler what the conda command does, where there is no conda, in conda's own words.

It never answers to the name `conda`, and refuses whatever it does not do. The lane runs it in the place of a reader's command and says so;
conda-lock takes it as its `--conda`.
"""

import argparse
import asyncio
import datetime
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import rattler
import yaml
from rattler import VirtualPackage
from rattler.shell import ActivationVariables, Shell, activate
from rattler.virtual_package import VirtualPackageOverrides

from provenv.conda import prefix as prefixes
from provenv.conda.audit import UNFINISHED
from provenv.conda.prefix import Change, Source, Trouble

NAME = "rattler-conda"
DEFAULT_CHANNEL = "conda-forge"
STATE = "RATTLER_CONDA_STATE"
"""Environment variable with the file in which the lane tells of the run."""
_Options = argparse.Namespace
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class State:
    """What the lane tells of a run."""

    addresses: dict[str, str]
    """Channel names whose address is not the usual one."""
    cache: str
    newest: str = ""
    """ISO date at which the channels are held, empty if they are not."""
    pinned: Sequence[str] = ()
    """Specs as in conda's `pinned_packages`."""

    @staticmethod
    def read() -> "State":
        named = os.environ.get(STATE)
        return State(**json.loads(Path(named).read_text())) if named else State({}, str(Path.home() / ".cache/rattler"))


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{NAME}: {message}; it does only part of what conda does, and refuses the rest\n")


def main(arguments: Sequence[str]) -> int:
    """Run one command; gives its exit code: 0 done, 1 it cannot be, 2 nothing that this program does."""
    words = list(arguments)
    if words[:1] == ["--version"]:
        print(f"{NAME} {rattler.__version__}")
        return 0
    options = _parser().parse_args(words)
    if options.run in (_create, _install, _remove, _env_create):
        return _apart(lambda: _done(options), options.prefix)
    return _done(options)


def _apart(work: Callable[[], int], prefix: Path) -> int:
    """Work in a process of its own, so that none of its threads still writes when it is over; what it began and did not end is removed."""
    fresh = not prefix.exists() or (prefix.is_dir() and not any(prefix.iterdir()))
    child = os.fork()
    if not child:
        code = 1
        try:
            code = work()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    for number in _SIGNALS:
        signal.signal(number, lambda number, _: os.kill(child, number))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if fresh and (prefix / UNFINISHED).exists():
        shutil.rmtree(prefix, ignore_errors=True)
    return code if code >= 0 else 128 - code


def _done(options: _Options) -> int:
    """Run one command; gives its exit code."""
    try:
        return asyncio.run(_until_interrupted(options.run(options)))
    except Trouble as trouble:
        if getattr(options, "json", False):
            print(json.dumps({"error": str(trouble), "message": str(trouble), "success": False}))
        print(f"{NAME}: {trouble}", file=sys.stderr)
        return 1
    except (asyncio.CancelledError, KeyboardInterrupt):
        print(f"{NAME}: interrupted", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"{NAME}: {error.strerror or error}: {error.filename or ''}", file=sys.stderr)
        return 1


async def _until_interrupted(work: Awaitable[int]) -> int:
    task, loop = asyncio.ensure_future(work), asyncio.get_running_loop()

    def stop(*_: object) -> None:
        with suppress(RuntimeError):  # it is over
            loop.call_soon_threadsafe(task.cancel)

    for number in _SIGNALS:  # a handler of the loop would end with it, and a second signal would then kill
        signal.signal(number, stop)
    return await task


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(NAME, description="Conda prefixes by py-rattler.", allow_abbrev=False)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    creating = _changing(commands.add_parser("create", allow_abbrev=False), _create)
    creating.add_argument("-f", "--file", action="append", default=[])
    installing = _changing(commands.add_parser("install", allow_abbrev=False), _install)
    installing.add_argument("-f", "--file", action="append", default=[])
    _changing(commands.add_parser("remove", allow_abbrev=False), _remove)

    listing = commands.add_parser("list", allow_abbrev=False)
    _of_prefix(listing)
    listing.add_argument("--no-pip", action="store_true")
    listing.add_argument("--explicit", action="store_true")
    listing.add_argument("--json", action="store_true")
    listing.add_argument("pattern", nargs="?")
    listing.set_defaults(run=_list)

    telling = commands.add_parser("info", allow_abbrev=False)
    telling.add_argument("--json", action="store_true")
    telling.set_defaults(run=_info)

    running = commands.add_parser("run", allow_abbrev=False)
    _of_prefix(running)
    running.add_argument("command", nargs=argparse.REMAINDER)
    running.set_defaults(run=_run)

    activating = commands.add_parser("activate", allow_abbrev=False)
    activating.add_argument("prefix", type=Path)
    activating.set_defaults(run=_activate)

    environment = commands.add_parser("env", allow_abbrev=False).add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    of_file = environment.add_parser("create", allow_abbrev=False)
    of_file.add_argument("-p", "--prefix", type=Path, required=True)
    of_file.add_argument("-f", "--file", default="environment.yml")
    of_file.add_argument("-y", "--yes", action="store_true")
    of_file.add_argument("-q", "--quiet", action="store_true")
    of_file.set_defaults(run=_env_create, json=False)
    exporting = environment.add_parser("export", allow_abbrev=False)
    _of_prefix(exporting)
    exporting.add_argument("--from-history", action="store_true")
    exporting.add_argument("--no-builds", action="store_true")
    exporting.set_defaults(run=_env_export)
    return parser


def _of_prefix(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-p", "--prefix", type=Path, required=True)


def _changing(parser: argparse.ArgumentParser, run: Callable[[_Options], Awaitable[int]]) -> argparse.ArgumentParser:
    _of_prefix(parser)
    parser.add_argument("-c", "--channel", action="append", default=[])
    parser.add_argument("--override-channels", action="store_true")
    parser.add_argument("--strict-channel-priority", dest="priority", action="store_const", const="strict", default="strict")
    parser.add_argument("--no-channel-priority", dest="priority", action="store_const", const="disabled")
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("-q", "--quiet", action="store_true")
    parser.add_argument("-y", "--yes", action="store_true")
    parser.add_argument("specs", nargs="*")
    parser.set_defaults(run=run)
    return parser


def _source(channels: Sequence[str], priority: prefixes.Priority = "strict") -> Source:
    state = State.read()
    newest = datetime.datetime.fromisoformat(f"{state.newest}T00:00:00") if state.newest else None
    return Source(
        [each for each in dict.fromkeys(channels) if each != "nodefaults"] or [DEFAULT_CHANNEL],
        state.addresses,
        priority,
        os.environ.get("CONDA_SUBDIR") or "linux-64",
        Path(state.cache),
        newest,
        state.pinned,
    )


# --- commands -------------------------------------------------------------------------------------------------------------


async def _create(options: _Options) -> int:
    if not options.dry_run and prefixes.is_prefix(options.prefix):
        raise Trouble(f"{options.prefix} is a conda environment already; remove it, or install into it")
    source = _source([*options.channel, *_channels(options.file)], options.priority)
    explicit = [line for name in options.file for line in _explicit(Path(name))]
    if explicit:
        records = [await _pinned(line, source) for line in explicit]
        if options.dry_run:
            return _planned(options, records)
        return _told(options, await prefixes.install(records, options.prefix, source, []))
    specs = options.specs + [spec for name in options.file for spec in _specs(Path(name))]
    if not specs:
        raise Trouble("no package was named; an empty environment is not what `create` is for")
    records = await prefixes.solve(specs, source)
    if options.dry_run:
        return _planned(options, records)
    return _told(options, await prefixes.install(records, options.prefix, source, specs))


async def _install(options: _Options) -> int:
    _whole(options.prefix)
    source = _source([*options.channel, *_channels(options.file)], options.priority)
    new = options.specs + [spec for name in options.file for spec in _specs(Path(name))]
    replaced = {prefixes.project(spec) for spec in new}
    specs = [spec for spec in prefixes.requested(options.prefix) if prefixes.project(spec) not in replaced] + new
    kept = [record for record in prefixes.installed(options.prefix) if record.name.normalized not in replaced]
    records = await prefixes.solve(specs, source, kept)
    if options.dry_run:
        return _planned(options, records)
    return _told(options, await prefixes.install(records, options.prefix, source, specs))


async def _remove(options: _Options) -> int:
    here = prefixes.installed(options.prefix)
    unknown = set(options.specs) - {record.name.normalized for record in here}
    if unknown or not options.specs:
        raise Trouble(f"{', '.join(sorted(unknown)) or 'no package'} is not installed in {options.prefix}")
    left = prefixes.without(here, options.specs)
    if options.dry_run:
        raise Trouble("it does not plan a removal")
    specs = [spec for record in left for spec in record.requested_specs]
    return _told(options, await prefixes.install(left, options.prefix, _source(options.channel), specs))


async def _list(options: _Options) -> int:
    _whole(options.prefix)
    try:
        pattern = re.compile(options.pattern or "")
    except re.error as error:
        raise Trouble(f"`{options.pattern}` is no regular expression: {error}; `list` takes one, as conda does") from None
    found = [record for record in prefixes.installed(options.prefix) if pattern.search(record.name.normalized)]
    if options.json:
        print(json.dumps([prefixes.as_json(record) for record in found], indent=1))
    elif options.explicit:
        print("\n".join(["@EXPLICIT", *(record.url for record in found)]))
    else:
        print("\n".join(_line(record) for record in found))
    return 0


async def _info(options: _Options) -> int:
    state = State.read()
    virtual = [each.into_generic() for each in VirtualPackage.detect(VirtualPackageOverrides.from_env())]
    told: dict[str, Any] = {
        "conda_version": f"{NAME} {rattler.__version__}",
        "pkgs_dirs": [str(Path(state.cache) / "pkgs")],
        "virtual_pkgs": [[each.name.source, str(each.version), str(each.build_string)] for each in virtual],
    }
    print(json.dumps(told, indent=1) if options.json else "\n".join("=".join(each) for each in told["virtual_pkgs"]))
    return 0


async def _run(options: _Options) -> int:
    if not options.command:
        raise Trouble("no command was named")
    script = _script(options.prefix)
    return subprocess.run(["bash", "-c", f'{script}\nexec "$@"', "bash", *options.command], check=False).returncode


async def _activate(options: _Options) -> int:
    print(_script(options.prefix.absolute()))
    return 0


def _whole(prefix: Path) -> None:
    prefixes.refuse_half(prefix)
    if not prefixes.is_prefix(prefix):
        raise Trouble(f"{prefix} is no conda environment; create it first")


def _script(prefix: Path) -> str:
    _whole(prefix)
    return activate(prefix.absolute(), ActivationVariables(), Shell.bash).script


async def _env_create(options: _Options) -> int:
    told = _environment(Path(options.file))
    specs = [each for each in told["dependencies"] if isinstance(each, str)]
    pip = [line for each in told["dependencies"] if isinstance(each, dict) for line in each.get("pip", [])]
    if prefixes.is_prefix(options.prefix):
        raise Trouble(f"{options.prefix} is a conda environment already; remove it first")
    source = _source(told.get("channels") or [])
    records = await prefixes.solve(specs, source)
    _told(options, await prefixes.install(records, options.prefix, source, specs))
    if not pip:
        return 0
    folder = Path(options.file).absolute().parent  # files that the lines name are looked for beside the environment file
    with tempfile.NamedTemporaryFile("w", suffix=".txt", dir=folder) as file:
        file.write("\n".join(pip))
        file.flush()
        command = [options.prefix.absolute() / "bin/python", "-m", "pip", "install", "--requirement", file.name]
        return subprocess.run(command, check=False, cwd=folder).returncode


async def _env_export(options: _Options) -> int:
    _whole(options.prefix)
    here = prefixes.installed(options.prefix)
    if options.from_history:
        listed = prefixes.requested(options.prefix)
    else:
        listed = ["=".join(_line(record).split()[: 2 if options.no_builds else 3]) for record in here]
    channels = list(dict.fromkeys(_channel(record) for record in here))
    print(yaml.safe_dump({"channels": channels, "dependencies": listed, "prefix": str(options.prefix.absolute())}, sort_keys=False), end="")
    return 0


def _channel(record: rattler.RepoDataRecord) -> str:
    names = {address.rstrip("/"): name for name, address in State.read().addresses.items()}
    place = str(record.channel).rstrip("/")
    return names.get(place, place.rsplit("/", 1)[-1])


# --- files ----------------------------------------------------------------------------------------------------------------


def _environment(path: Path) -> dict[str, Any]:
    try:
        told = yaml.safe_load(_text(path))
        channels, dependencies = told.get("channels") or [], told["dependencies"]
        if not isinstance(dependencies, list) or not isinstance(channels, list) or not all(map(_is_dependency, dependencies)):
            raise TypeError
    except (yaml.YAMLError, KeyError, TypeError, AttributeError):
        raise Trouble(f"{path} is no environment file; it names `channels` and a list of `dependencies`") from None
    return dict(told)


def _is_dependency(each: object) -> bool:
    return isinstance(each, str) or (isinstance(each, dict) and all(isinstance(lines, list) for lines in each.values()))


def _channels(files: Sequence[str]) -> list[str]:
    """The channels that environment files name."""
    return [each for name in files if name.endswith((".yml", ".yaml")) for each in _environment(Path(name)).get("channels") or []]


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        raise Trouble(f"{path} is not UTF-8 text") from None


def _explicit(path: Path) -> list[str]:
    """The addresses of an explicit list (`@EXPLICIT`), with their digests; none if the file is another kind."""
    lines = _text(path).splitlines()
    return [line.strip() for line in lines if "://" in line and not line.startswith("#")] if "@EXPLICIT" in lines else []


def _specs(path: Path) -> list[str]:
    """The specs of a file with one in each line, or of an environment file."""
    if path.suffix in (".yml", ".yaml"):
        return [each for each in _environment(path)["dependencies"] if isinstance(each, str)]
    return [line.strip() for line in _text(path).splitlines() if line.strip() and not line.startswith(("#", "@"))]


async def _pinned(line: str, source: Source) -> rattler.RepoDataRecord:
    """The record of a line of an explicit list; the digest in the list is the one that counts."""
    url, _, digest = line.partition("#")
    record = await prefixes.find(url, source)
    digest = digest.removeprefix("sha256:")
    if digest:
        has = record.sha256 if len(digest) == 64 else record.md5
        if has is None or has.hex() != digest:
            raise Trouble(f"the digest of {record.file_name} in the list is not the one of the channel; nothing was installed")
    return record


# --- output ---------------------------------------------------------------------------------------------------------------


def _line(record: rattler.RepoDataRecord) -> str:
    return f"{record.name.normalized} {record.version} {record.build}"


def _planned(options: _Options, records: Sequence[rattler.RepoDataRecord]) -> int:
    told = [prefixes.as_json(record) for record in records]
    if options.json:
        print(json.dumps({"actions": {"FETCH": told, "LINK": told, "PREFIX": str(options.prefix)}, "dry_run": True, "success": True}))
    else:
        print("\n".join(f"would link {_line(record)}" for record in records))
    return 0


def _told(options: _Options, change: Change) -> int:
    if getattr(options, "json", False):
        print(json.dumps({"actions": {"LINK": [prefixes.as_json(each) for each in change.linked]}, "success": True}))
    elif not options.quiet:
        for verb, records in (("unlinked", change.unlinked), ("linked", change.linked)):
            print("".join(f"{verb} {_line(record)}\n" for record in records), end="")
    return 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # py-rattler 0.28 crashes some interpreters on their way out, after all is done
