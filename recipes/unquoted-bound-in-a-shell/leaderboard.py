"""Prints the leaderboard of a sweep; long names of columns are wrapped."""

from tabulate import tabulate

RUNS = [("baseline", 0.71, 41), ("larger batch", 0.74, 29)]
HEADERS = ["run", "mean reciprocal rank", "minutes per epoch"]

print(tabulate(RUNS, HEADERS, maxheadercolwidths=[None, 10, 11]))
