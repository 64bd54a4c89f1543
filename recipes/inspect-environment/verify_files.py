"""Compare the files of every installed package with the list that came with it (its RECORD)."""

import csv
import sys
from importlib.metadata import distributions

damaged = 0
for package in distributions():
    # Not `package.files`: since Python 3.12 that leaves missing files out.
    rows = csv.reader((package.read_text("RECORD") or "").splitlines())
    paths = [row[0] for row in rows if row and not row[0].endswith(".pyc")]
    missing = [path for path in paths if not package.locate_file(path).exists()]
    if missing:
        damaged += 1
        print(f"{package.name} {package.version}: {len(missing)} files are missing, first {missing[0]}")
print(damaged, "damaged packages")
sys.exit(damaged > 0)
