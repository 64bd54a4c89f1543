"""A library that has moved on to a newer NumPy."""

import numpy as np


def best(values: list[float]) -> int:
    """Return the position of the lowest loss."""
    return int(np.argmin(values))
