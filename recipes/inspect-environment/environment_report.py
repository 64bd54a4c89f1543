"""Turn the JSON of `pip inspect` (on standard input) into one line for each package."""

import json
import sys

report = json.load(sys.stdin)
environment = report["environment"]
print("system:", environment["sys_platform"], environment["platform_machine"])
for package in sorted(report["installed"], key=lambda p: p["metadata"]["name"].lower()):
    name, version = package["metadata"]["name"], package["metadata"]["version"]
    origin = "asked for" if package["requested"] else "came along"
    print(f"{name} {version}: {origin}, installed by {package.get('installer', 'unknown')}")
