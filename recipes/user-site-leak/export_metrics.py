"""Prints the metrics of a run as a table with wrapped headers."""

from tabulate import tabulate

METRICS = [("validation", 0.913, 0.871), ("test", 0.902, 0.866)]

print(tabulate(METRICS, ["split", "accuracy, micro", "accuracy, macro"], maxheadercolwidths=9))
