"""Says which build of a package a conda environment has, and what that build demands of the machine."""

import json
import sys
from pathlib import Path

prefix, name = Path(sys.argv[1]), sys.argv[2]
for path in prefix.glob("conda-meta/*.json"):
    record = json.loads(path.read_text())
    if record["name"] == name:
        demands = [each for each in record["depends"] if each.startswith("__")]
        print(f"{name} {record['version']} {record['build']}: {', '.join(demands) or 'any machine'}")
