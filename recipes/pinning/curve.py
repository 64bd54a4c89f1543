"""Smooth a training curve and sum it up in one number."""

import bottleneck as bn
import numpy as np

STEPS = [0, 10, 20, 30, 40]
LOSS = [1.0, 0.6, 0.5, 0.3, 0.2]


def smooth(values: list[float], window: int) -> np.ndarray:
    """Return the moving mean; the first entries average over what is there."""
    return bn.move_mean(np.asarray(values, dtype=float), window=window, min_count=1)


# --8<-- [start:mean-level]
def mean_level(steps: list[float], values: list[float]) -> float:
    """Return the area under the curve, divided by its length in steps."""
    return float(np.trapezoid(values, steps) / (steps[-1] - steps[0]))
# --8<-- [end:mean-level]


if __name__ == "__main__":
    print(f"mean loss {mean_level(STEPS, smooth(LOSS, window=2)):.4f}")
