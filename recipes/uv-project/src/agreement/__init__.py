"""Cohen's kappa: how far two annotators agree beyond what chance alone would give."""

import argparse
import csv
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike


def confusion(first: ArrayLike, second: ArrayLike) -> np.ndarray:
    """How often each pair of labels occurs: a row per label of the first annotator, a column per label of the second."""
    a, b = np.asarray(first), np.asarray(second)
    if a.shape != b.shape:
        raise ValueError(f"{a.size} labels against {b.size}")
    labels, codes = np.unique(np.concatenate([a, b]), return_inverse=True)
    table = np.zeros((labels.size, labels.size), dtype=int)
    np.add.at(table, (codes[: a.size], codes[a.size :]), 1)
    return table


def kappa(first: ArrayLike, second: ArrayLike) -> float:
    table = confusion(first, second)
    total = table.sum()
    observed = np.trace(table) / total
    by_chance = (table.sum(axis=0) @ table.sum(axis=1)) / total**2
    return 1.0 if by_chance == 1 else float((observed - by_chance) / (1 - by_chance))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labels", type=Path, help="a CSV file with one column per annotator")
    with parser.parse_args().labels.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    first, second = zip(*rows, strict=True)
    print(f"{header[0]} and {header[1]} agree on {len(rows)} labels with a kappa of {kappa(first, second):.2f}")
