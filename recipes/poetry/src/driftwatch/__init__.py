"""The population stability index: how far a feature has drifted from its reference distribution."""

import argparse
import csv
import math
from bisect import bisect_right
from pathlib import Path

from attrs import field, frozen, validators
from tqdm import tqdm

FLOOR = 1e-4  # of a share, so that an empty bin does not make the index infinite


@frozen
class Bins:
    """Bins between edges; values beyond the outer edges count to the outer bins."""

    edges: tuple[float, ...] = field(validator=validators.min_len(1))

    def shares(self, values: list[float]) -> list[float]:
        counts = [0] * (len(self.edges) + 1)
        for value in values:
            counts[bisect_right(self.edges, value)] += 1
        return [max(count / len(values), FLOOR) for count in counts]


def stability_index(bins: Bins, reference: list[float], current: list[float]) -> float:
    pairs = zip(bins.shares(reference), bins.shares(current), strict=True)
    return sum((now - then) * math.log(now / then) for then, now in pairs)


def verdict(index: float) -> str:
    return "stable" if index < 0.1 else "watch" if index < 0.25 else "drifted"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("features", type=Path, help="a CSV file with the columns feature, period and value")
    parser.add_argument("--progress", action="store_true")
    args = parser.parse_args()
    values: dict[str, dict[str, list[float]]] = {}
    with args.features.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            values.setdefault(row["feature"], {}).setdefault(row["period"], []).append(float(row["value"]))
    for feature, periods in tqdm(values.items(), disable=not args.progress):
        low, high = min(periods["reference"]), max(periods["reference"])
        bins = Bins(tuple(low + (high - low) * step / 4 for step in (1, 2, 3)))
        index = stability_index(bins, periods["reference"], periods["current"])
        print(f"{feature}: {index:.2f}, {verdict(index)}")
