"""Prints the project that each module was installed by."""

import sys
from importlib.metadata import packages_distributions

owners = packages_distributions()
for module in sys.argv[1:]:
    print(f"{module}: {', '.join(sorted(set(owners[module])))}")
