"""Locks what pixi.toml asks for into pixi.lock, and makes environments from it: `lock`, or `install PREFIX`."""

import asyncio
import os
import shutil
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import yaml
from rattler import Channel, LockFile, LockPlatform, VirtualPackage
from rattler import install as link
from rattler import solve
from rattler.exceptions import GatewayError, InstallerError, SolverError

LOCK = Path("pixi.lock")
PLATFORM = LockPlatform("linux-64")


def condarc() -> dict:
    """What conda's configuration says: it may name a mirror for a channel, and hold packages."""
    path = Path(os.environ.get("CONDARC", "~/.condarc")).expanduser()
    return (yaml.safe_load(path.read_text()) or {}) if path.is_file() else {}


def channel(name: str) -> Channel:
    mirrors = condarc().get("custom_multichannels", {}).get(name)
    return Channel(mirrors[0] if mirrors else name)


# --8<-- [start:lock]
async def lock() -> None:
    manifest = tomllib.loads(Path("pixi.toml").read_text())
    channels = [channel(name) for name in manifest["workspace"]["channels"]]
    records = await solve(
        channels,
        [f"{name} {versions}" for name, versions in manifest["dependencies"].items()],
        platforms=[PLATFORM.name, "noarch"],
        virtual_packages=VirtualPackage.detect(),  # of this machine
        exclude_newer=datetime.fromisoformat(manifest["workspace"]["exclude-newer"]).replace(tzinfo=UTC),
        constraints=condarc().get("pinned_packages", []),
    )
    locked = LockFile([PLATFORM])
    locked.set_channels("default", [each.to_lock_channel() for each in channels])
    for record in sorted(records, key=lambda record: record.name.normalized):
        locked.add_conda_package("default", PLATFORM, record)
    locked.to_path(LOCK)
# --8<-- [end:lock]


# --8<-- [start:install]
async def install(prefix: Path) -> None:
    records = LockFile.from_path(LOCK).default_environment().conda_repodata_records()[PLATFORM.name]
    fresh = not prefix.exists()
    try:
        await link(records, target_prefix=prefix.absolute(), show_progress=False)
    except InstallerError:
        if fresh:
            shutil.rmtree(prefix)  # it is half a prefix
        raise
    for record in records:
        print(record.name.normalized, record.version)
# --8<-- [end:install]


async def main(command: str, *arguments: str) -> int:
    try:
        await (lock() if command == "lock" else install(Path(*arguments)))
    except (GatewayError, InstallerError, SolverError) as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    code = asyncio.run(main(*sys.argv[1:]))
    sys.stdout.flush()
    os._exit(code)  # py-rattler 0.28.0 crashes some interpreters on their way out, after all is done
