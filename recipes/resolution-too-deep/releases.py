"""Makes the releases of a team's packages in the folder `index`: eleven of most, and none of them says which version of the next one it needs."""

import zipfile
from pathlib import Path

CHAIN = ["clips-report", "clips-train", "clips-features", "clips-decode", "clips-store", "clips-fetch"]
INDEX = Path("index")


def release(name: str, version: str, *requirements: str) -> None:
    folder = f"{name.replace('-', '_')}-{version}.dist-info"
    metadata = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {each}" for each in requirements)]
    wheel = ["Wheel-Version: 1.0", "Generator: releases.py", "Root-Is-Purelib: true", "Tag: py3-none-any"]
    with zipfile.ZipFile(INDEX / f"{name.replace('-', '_')}-{version}-py3-none-any.whl", "w") as file:
        file.writestr(f"{folder}/METADATA", "\n".join(metadata) + "\n")
        file.writestr(f"{folder}/WHEEL", "\n".join(wheel) + "\n")
        file.writestr(f"{folder}/RECORD", "")


INDEX.mkdir(exist_ok=True)
for name, needed in zip(CHAIN, [*CHAIN[1:], "clips-schema>=2"], strict=True):
    for minor in range(11):
        release(name, f"1.{minor}", needed)
release("clips-schema", "1.9")
release("clips-schema", "2.3")
