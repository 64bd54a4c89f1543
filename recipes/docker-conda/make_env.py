"""Make the conda environment of an environment file, with conda's own solver and installer as a library: make_env.py FILE PREFIX"""

import asyncio
import os
import sys
from pathlib import Path

import yaml
from rattler import Channel, MatchSpec, VirtualPackage, install, solve
from rattler.virtual_package import VirtualPackageOverrides


async def main(file: Path, prefix: Path) -> None:
    told = yaml.safe_load(file.read_text())
    records = await solve(
        sources=[Channel(name) for name in told["channels"]],
        specs=[MatchSpec(spec) for spec in told["dependencies"]],
        virtual_packages=VirtualPackage.detect(VirtualPackageOverrides.from_env()),
    )
    await install(records, target_prefix=prefix.absolute(), show_progress=False)
    for record in sorted(records, key=lambda record: record.name.normalized):
        print(record.name.normalized, record.version, record.build)


asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
sys.stdout.flush()
os._exit(0)  # py-rattler 0.28 now and then crashes on its way out, after all is done
