"""Turn the JSON of `pip install --dry-run --report -` (on standard input) into a short plan."""

import json
import sys

for package in json.load(sys.stdin)["install"]:
    name, version = package["metadata"]["name"], package["metadata"]["version"]
    origin = "you asked" if package["requested"] else "needed by another"
    kind = "wheel" if package["download_info"]["url"].endswith(".whl") else "source, will be built"
    print(f"{name} {version}: {origin}; {kind}")
