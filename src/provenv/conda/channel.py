"""Which channel a recipe's `conda-forge` is: the one that was given on purpose, conda-forge itself, or the stand-in channel."""

import os
import ssl
import urllib.request
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from provenv import known_host
from provenv.conda import server, stand_in
from provenv.engine import Engine
from provenv.errors import NotRun
from provenv.known_host import KnownHost, Shared
from provenv.sandbox import CHANNEL as GIVEN
from provenv.sandbox import certificates

NEED = "conda-channel"
"""What a container recipe whose builds use conda-forge names in its `needs`."""
_PATIENCE = 10.0
_SHARED = Shared()


@dataclass(frozen=True)
class Channels:
    """Where the channels of recipes are."""

    addresses: dict[str, str]
    """Channel names whose address is not the usual one."""
    said: str
    """What `conda-forge` is here, for people."""
    stand_ins: tuple[str, ...] = ()
    """What a page says of stand-ins."""


def ready(caches: Path) -> Channels:
    """The channels of a run, made and served as far as that is needed; raises `NotRun` where none is to be had."""
    given = os.environ.get(GIVEN)
    tiny = {stand_in.TINY: f"{server.address(stand_in.tiny(caches))}/{stand_in.TINY}"}
    if given:
        return Channels({stand_in.FORGE: _usable(given), **tiny}, f"the channel that {GIVEN} names", (stand_in.SAID_OF_TINY,))
    if _answers():
        return Channels(tiny, stand_in.FORGE, (stand_in.SAID_OF_TINY,))
    folder = stand_in.folder(caches)
    forge = {stand_in.FORGE: f"{server.address(folder)}/{stand_in.FORGE}"}
    return Channels({**forge, **tiny}, "stand-in channel", (stand_in.SAID, stand_in.SAID_OF_TINY))


@contextmanager
def ready_for_builds(needs: Collection[str], engine: Engine, caches: Path) -> Iterator[KnownHost]:
    """The channel, made ready for the builds of a recipe with these needs; raises `NotRun` where it is not to be had."""
    if NEED not in needs or _answers():
        yield KnownHost()
        return
    folder, host = stand_in.folder(caches), urlsplit(_usual()).hostname or ""
    make = lambda address: server.Server(address, folder)  # noqa: E731 (a name for what the next line gives away)
    with _SHARED.entered(lambda: known_host.served(host, engine, caches, make, [stand_in.SAID])) as found:
        yield found


def _usual() -> str:
    """Address of conda-forge itself; raises `NotRun` where py-rattler, which knows it, is not installed."""
    try:
        from rattler import Channel
    except ImportError:
        raise NotRun("py-rattler is not installed beside provenv; install it") from None
    return Channel(stand_in.FORGE).base_url


def _usable(given: str) -> str:
    """An address as it was given; raises `NotRun`, without telling it, where it is none: it may hold a password."""
    try:
        parts = urlsplit(given)
        usable = parts.scheme == "file" or (parts.scheme in ("http", "https") and parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise NotRun(f"{GIVEN} holds no address like https://HOST/conda-forge")
    return given.rstrip("/")


@cache
def _answers() -> bool:
    """Whether conda-forge is reached from here."""
    request = urllib.request.Request(f"{_usual()}noarch/repodata.json.zst", method="HEAD")
    try:
        urllib.request.urlopen(request, timeout=_PATIENCE, context=ssl.create_default_context(cafile=certificates())).close()
    except (OSError, HTTPException):
        return False
    return True
