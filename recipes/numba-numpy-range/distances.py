"""Distances between embeddings, compiled by numba."""

import numpy as np
from numba import njit


@njit
def farthest(points: np.ndarray) -> float:
    best = 0.0
    for first in points:
        for second in points:
            best = max(best, np.sqrt(np.sum((first - second) ** 2)))
    return best


print(f"{farthest(np.array([[0.0, 0.0], [3.0, 4.0], [1.0, 1.0]])):.1f}")
