"""Fails when two installed distributions own the same library: each uninstall then takes it from the other."""

import sys
from collections import defaultdict
from importlib.metadata import distributions

owners = defaultdict(set)
for distribution in distributions():
    for file in distribution.files or []:
        if ".so" in file.suffixes:
            owners[str(file)].add(distribution.metadata["Name"])
shared = {file: names for file, names in owners.items() if len(names) > 1}
for file, names in sorted(shared.items()):
    print(file, *sorted(names), sep="\n  ")
sys.exit(1 if shared else 0)
