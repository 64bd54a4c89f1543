"""Asks conda-meta which packages bring the files of an environment; fails if a file has more than one owner."""

import json
import sys
from pathlib import Path

owners: dict[str, list[str]] = {}
for record in sorted(Path(sys.argv[1], "conda-meta").glob("*.json")):
    package = json.loads(record.read_text("utf-8"))
    for file in package.get("paths_data", {}).get("paths", []):
        path = file.get("original_path") or file["_path"]  # where it was meant to lie
        owners.setdefault(path, []).append(package["name"])

shared = {path: names for path, names in owners.items() if len(names) > 1}
for path, names in shared.items():
    print(f"{path}: {' and '.join(names)}")
if shared:
    sys.exit(1)
print("each file has one owner")
