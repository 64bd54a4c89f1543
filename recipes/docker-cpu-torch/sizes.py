"""Print what a resolved pylock.toml would download, by kind, in MB."""

import sys
import tomllib
from pathlib import Path


def kind(name: str) -> str:
    """Whether a package is torch, a part of CUDA, or something else."""
    if name == "torch":
        return "torch"
    return "CUDA" if name == "triton" or name.startswith(("nvidia-", "cuda-")) else "other"


def main() -> None:
    """One line for each package that is large or of CUDA, and the sums."""
    packages = tomllib.loads(Path(sys.argv[1]).read_text())["packages"]
    sums = dict.fromkeys(("torch", "CUDA", "other"), 0)
    for package in packages:
        size = max(wheel["size"] for wheel in package["wheels"])
        sums[kind(package["name"])] += size
        if kind(package["name"]) == "CUDA":
            print(f"{size / 1e6:8.1f}  {package['name']} {package['version']}")
    for name, size in sums.items():
        print(f"{size / 1e6:8.1f}  {name} in all")


if __name__ == "__main__":
    main()
