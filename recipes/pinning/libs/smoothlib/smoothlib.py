"""A library that works with any NumPy 2, but says that it does not."""

import numpy as np


def ema(values: list[float], weight: float) -> list[float]:
    """Return the exponential moving average of a curve."""
    out = np.empty(len(values))
    level = values[0]
    for i, value in enumerate(values):
        level = weight * level + (1 - weight) * value
        out[i] = level
    return out.tolist()
