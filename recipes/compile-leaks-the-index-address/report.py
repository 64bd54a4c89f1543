"""The table of scores that goes into the weekly report."""

from tabulate import tabulate

print(tabulate([("baseline", 0.71), ("distilled", 0.74)], headers=["model", "F1"], floatfmt=".2f"))
