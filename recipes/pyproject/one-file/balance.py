# /// script
# requires-python = ">=3.11"
# dependencies = ["tabulate>=0.9"]
# ///
"""How many records of each label: `python balance.py labels.csv`."""

import csv
import sys
from collections import Counter

from tabulate import tabulate

with open(sys.argv[1], newline="") as file:
    labels = Counter(row["label"] for row in csv.DictReader(file))
total = labels.total()
print(
    tabulate(
        [(label, n, f"{n / total:.0%}") for label, n in labels.most_common()], headers=["label", "records", "share"]
    )
)
