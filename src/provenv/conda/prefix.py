"""Makes and changes conda prefixes with py-rattler, the solver and installer of the conda organisation.

A prefix that is not whole is never left under its name without a mark; only what is finished counts.
"""

import asyncio
import datetime
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rattler import (
    Channel,
    ChannelPriority,
    Client,
    Gateway,
    MatchSpec,
    PrefixRecord,
    RepoDataRecord,
    SourceConfig,
    VirtualPackage,
)
from rattler import install as rattler_install
from rattler import solve as rattler_solve
from rattler.exceptions import (
    GatewayError,
    InstallerError,
    InvalidChannelError,
    InvalidMatchSpecError,
    InvalidUrlError,
    ParseSubdirError,
    SolverError,
)
from rattler.virtual_package import VirtualPackageOverrides

from provenv.conda.audit import UNFINISHED

Priority = Literal["strict", "disabled"]


class Trouble(Exception):
    """Why a prefix was not made or changed, in one sentence and what the solver adds to it."""


@dataclass(frozen=True)
class Source:
    """Where packages come from, and under which conditions they are chosen."""

    channels: Sequence[str]
    """Names or addresses, the first one first."""
    addresses: Mapping[str, str] = field(default_factory=dict)
    """Names whose address is not the usual one."""
    priority: Priority = "strict"
    subdir: str = "linux-64"
    cache: Path = Path.home() / ".cache/rattler"
    newest: datetime.datetime | None = None
    """Packages from later are not taken."""
    pinned: Sequence[str] = ()
    """Specs that hold if their package is taken at all, as conda's `pinned_packages`."""
    timeout: float = 600.0
    """Seconds that a solve and its install may take."""

    def address(self, channel: str) -> str:
        """Address of a channel."""
        return self.addresses.get(channel) or Channel(channel).base_url


@dataclass(frozen=True)
class Change:
    """What there was to do: records that came, and records that went."""

    linked: list[RepoDataRecord]
    unlinked: list[RepoDataRecord]


def installed(prefix: Path) -> list[PrefixRecord]:
    """The records of a prefix, by name."""
    records = [PrefixRecord.from_path(path) for path in sorted((prefix / "conda-meta").glob("*.json"))]
    return sorted(records, key=lambda record: record.name.normalized)


def requested(prefix: Path) -> list[str]:
    """The specs that were asked for when a prefix was made or changed, each once."""
    return list(dict.fromkeys(spec for record in installed(prefix) for spec in record.requested_specs))


def is_prefix(folder: Path) -> bool:
    """Whether a folder is a whole conda prefix."""
    return any((folder / "conda-meta").glob("*.json")) and not (folder / UNFINISHED).exists()


async def solve(specs: Sequence[str], source: Source, locked: Sequence[RepoDataRecord] = ()) -> list[RepoDataRecord]:
    """The records that satisfy specs, by name; raises `Trouble`."""
    with _told():
        # A channel that has only other versions of a package must count for strict priority, too; the bare name makes rattler look at them.
        names = [project(spec) for spec in specs if "::" not in spec]
        wanted = [MatchSpec(spec) for spec in dict.fromkeys([*specs, *names])]
        records = await rattler_solve(
            sources=[source.address(channel) for channel in source.channels],
            specs=wanted,
            gateway=_gateway(source),
            platforms=[source.subdir, "noarch"],  # type: ignore[list-item]  # any subdir that the channel has
            virtual_packages=VirtualPackage.detect(VirtualPackageOverrides.from_env()),
            locked_packages=list(locked),
            channel_priority=ChannelPriority.Strict if source.priority == "strict" else ChannelPriority.Disabled,
            timeout=datetime.timedelta(seconds=source.timeout),
            exclude_newer=None if _has_own_folder(source) else source.newest,
            constraints=list(source.pinned),
            timestamp_policy="allow-missing",
        )
    return sorted(records, key=lambda record: record.name.normalized)


def _has_own_folder(source: Source) -> bool:
    """Whether a channel is a folder of the reader's: what was built just now is no news of the index, and rattler has one date for all channels.

    The lane looks at the dates of the others afterwards.
    """
    return any(channel.startswith(("file:", ".", "/")) for channel in source.channels)


async def find(url: str, source: Source) -> RepoDataRecord:
    """The record of the package at an address, as its channel's index tells of it; raises `Trouble` if it tells of none."""
    place, _, name = url.rpartition("/")
    channel, _, subdir = place.rpartition("/")
    stem = name.removesuffix(".conda").removesuffix(".tar.bz2")
    if stem.count("-") < 2 or "://" not in place:
        raise Trouble(f"{name or url} is no package")
    name_of, version, build = stem.rsplit("-", 2)
    with _told():
        found = await _gateway(source).query([channel], [subdir], [f"{name_of} =={version} {build}"], recursive=False)  # type: ignore[list-item]
    record = next((record for records in found for record in records if record.file_name == name), None)
    if record is None:
        raise Trouble(f"the channel of {name} does not list it")
    return record


async def install(records: Sequence[RepoDataRecord], prefix: Path, source: Source, specs: Sequence[str]) -> Change:
    """Make a prefix hold exactly these records; raises `Trouble`, and then the prefix keeps its mark.

    What rattler still links at that moment goes on until the process ends, so only who outlives this one can remove the prefix.
    """
    prefix = prefix.absolute()
    refuse_half(prefix)
    before = {_name(record): record for record in installed(prefix)}
    _mark(prefix)
    with _told():
        await asyncio.wait_for(
            rattler_install(
                list(records),
                target_prefix=prefix,
                cache_dir=source.cache / "pkgs",
                client=_client(),
                show_progress=False,
                execute_link_scripts=False,
                requested_specs=[MatchSpec(spec)._match_spec for spec in specs],  # 0.28 takes no MatchSpec here
            ),
            source.timeout,
        )
    kept = {record.url for record in before.values()}  # what was there is the business of who changed it
    _check([record for record in records if record.url not in kept], prefix)
    (prefix / UNFINISHED).unlink()
    now = {_name(record): record for record in installed(prefix)}
    return Change(
        [record for name, record in now.items() if name not in before or before[name].url != record.url],
        [record for name, record in before.items() if name not in now or now[name].url != record.url],
    )


def refuse_half(prefix: Path) -> None:
    """Raise `Trouble` for a prefix that is not whole."""
    if (prefix / UNFINISHED).exists():
        raise Trouble(f"{prefix} is half a prefix that an interrupted change left; delete it and make it anew")


def project(spec: str) -> str:
    """Name of the package of a spec; raises `Trouble` for what is no spec."""
    with _told():
        return str(MatchSpec(spec).name.normalized)


def without(records: Iterable[PrefixRecord], names: Iterable[str]) -> list[PrefixRecord]:
    """Records without these and whatever needs them, as `conda remove` leaves them."""
    left, gone = list(records), set(names)
    while gone:
        left = [record for record in left if _name(record) not in gone]
        gone = {_name(record) for record in left if any(_needs(record, each) for each in _missing(left, record))}
    return left


def _missing(left: Sequence[PrefixRecord], record: PrefixRecord) -> set[str]:
    here = {_name(each) for each in left}
    return {depend.split()[0] for depend in record.depends if not depend.startswith("__")} - here


def _needs(record: PrefixRecord, name: str) -> bool:
    return any(depend.split()[0] == name for depend in record.depends)


def _name(record: RepoDataRecord) -> str:
    return record.name.normalized


def _mark(prefix: Path) -> None:
    try:
        (prefix / "conda-meta").mkdir(parents=True, exist_ok=True)
        (prefix / UNFINISHED).touch()
    except OSError as error:
        raise Trouble(f"{prefix} cannot be written ({error.strerror})") from None


def _check(records: Sequence[RepoDataRecord], prefix: Path) -> None:
    """An installer that says nothing is not believed: each record must stand in the prefix, with its files."""
    held = {record.url: record for record in installed(prefix)}
    for record in records:
        if record.url not in held:
            raise Trouble(f"the install says that it is done, but {record.file_name} is not in {prefix}")
        missing = [path for path in held[record.url].files if not os.path.lexists(prefix / path)]
        if missing:
            raise Trouble(f"the install says that it is done, but {missing[0]} of {record.file_name} is not in {prefix}")


def _gateway(source: Source) -> Gateway:
    local = {source.address(name): SourceConfig(sharded_enabled=False) for name in source.addresses}
    return Gateway(cache_dir=source.cache, client=_client(), per_channel_config=local)


def _client() -> Client:
    return Client.default_client(max_retries=2, timeout=60)


@contextmanager
def _told() -> Iterator[None]:
    """Turns the exceptions of the library into `Trouble`, with the sentence first and the chain of causes after it."""
    try:
        yield
    except InvalidMatchSpecError as error:
        raise Trouble(f"a spec cannot be read: {error}") from None
    except (InvalidChannelError, InvalidUrlError) as error:
        raise Trouble(f"a channel has no address that can be read: {error}") from None
    except ParseSubdirError as error:
        raise Trouble(f"a platform cannot be read: {error}") from None
    except TimeoutError:
        raise Trouble("it took longer than the limit, and was stopped") from None
    except (GatewayError, SolverError, InstallerError) as error:
        raise Trouble(f"{_sentence(error)}: {error}") from None


def _sentence(error: GatewayError | SolverError | InstallerError) -> str:
    text = str(error)
    if "No space left on device" in text:
        return "no space is left on the disk"
    if isinstance(error, GatewayError):
        return "the channel does not answer"
    if isinstance(error, SolverError):
        return "the specs cannot be satisfied"
    return "a package is not the one that the index promises" if "hash mismatch" in text else "the install failed"


# --- what conda itself writes down --------------------------------------------------------------------------------------


def as_json(record: RepoDataRecord) -> dict[str, object]:
    """A record as conda prints it in a plan."""
    told = {
        "name": _name(record),
        "version": str(record.version),
        "build": str(record.build),
        "build_string": str(record.build),
        "build_number": record.build_number,
        "channel": record.channel,
        "platform": record.subdir,
        "subdir": record.subdir,
        "fn": record.file_name,
        "dist_name": record.file_name.removesuffix(".conda").removesuffix(".tar.bz2"),
        "url": record.url,
        "base_url": record.url.rsplit("/", 2)[0],
        "depends": record.depends,
        "constrains": record.constrains,
        "timestamp": int(record.timestamp.timestamp() * 1000) if record.timestamp else 0,
        "size": record.size or 0,
    }
    for digest in ("md5", "sha256"):
        value = getattr(record, digest)
        if value:
            told[digest] = value.hex()
    return told
