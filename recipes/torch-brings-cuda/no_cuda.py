"""Fails when uv.lock holds packages for a GPU: they are large, and this service runs where there is none."""

import sys
import tomllib


def megabytes(package):
    wheels = [wheel for wheel in package.get("wheels", []) if "x86_64" in wheel["url"] and ("cp313-cp313" in wheel["url"] or "none" in wheel["url"])]
    return max((wheel["size"] for wheel in wheels), default=0) / 1e6


with open("uv.lock", "rb") as file:
    packages = tomllib.load(file)["package"]
found = [package for package in packages if package["name"].startswith(("nvidia-", "cuda-", "triton"))]
for package in found:
    print(f"{megabytes(package):6.0f} MB  {package['name']}")
if found:
    sys.exit(f"{len(found)} packages for a GPU, {sum(map(megabytes, found)):.0f} MB to download")
print("no packages for a GPU")
