"""Tells whether the inputs of a model have drifted since it was trained, by the population stability index."""

import sys

import numpy as np
from tabulate import tabulate

WORTH_A_LOOK = 0.1
DRIFTED = 0.25


def stability_index(trained: np.ndarray, seen: np.ndarray, bins: int = 5) -> float:
    """How far a column has moved from the one of the training: 0 where it has not, beyond 0.25 where it is another one."""
    edges = np.quantile(trained, np.linspace(0, 1, bins + 1))[1:-1]
    shares = [np.bincount(np.searchsorted(edges, column), minlength=bins) / len(column) for column in (trained, seen)]
    before, after = (np.clip(share, 1e-3, None) for share in shares)
    return float(np.sum((after - before) * np.log(after / before)))


def verdict(index: float) -> str:
    """What to make of an index."""
    return "drifted" if index > DRIFTED else "worth a look" if index > WORTH_A_LOOK else "stable"


def main() -> None:
    """Compare the columns of two CSV files."""
    trained, seen = (np.genfromtxt(path, delimiter=",", names=True) for path in sys.argv[1:3])
    indexes = {name: stability_index(trained[name], seen[name]) for name in trained.dtype.names}
    rows = [(name, index, verdict(index)) for name, index in indexes.items()]
    print(tabulate(rows, headers=["column", "PSI", "verdict"], floatfmt=".2f"))
