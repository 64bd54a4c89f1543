"""Reads a series from the command line and prints the next value."""

import sys

import numpy as np


def next_value(series: list[float], weight: float = 0.5) -> float:
    """Exponentially weighted mean of the series, its last value counting most."""
    weights = weight ** np.arange(len(series))[::-1]
    return float(np.average(series, weights=weights))


print(f"forecast {next_value([float(value) for value in sys.argv[1:]]):.2f}")
