"""Says which channel each package of a conda environment came from."""

import json
import sys
from pathlib import Path

for path in sorted(Path(sys.argv[1]).glob("conda-meta/*.json")):
    record = json.loads(path.read_text())
    if record["name"] in sys.argv[2:]:
        channel = record["url"].rsplit("/", 3)[1]
        print(f"{record['name']} {record['version']} from {channel}")
