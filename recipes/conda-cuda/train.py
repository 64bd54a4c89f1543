"""Fits a line by gradient descent, and says on which build it ran."""

import numpy as np
import tinygpu

STEPS = 200
RATE = 0.5


def fit(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Slope and intercept of the line through the points."""
    slope = intercept = 0.0
    for _ in range(STEPS):
        error = slope * x + intercept - y
        slope -= RATE * float((error * x).mean())
        intercept -= RATE * float(error.mean())
    return slope, intercept


if __name__ == "__main__":
    x = np.linspace(-1, 1, 64)
    slope, intercept = fit(x, 3 * x + 0.5)
    print(f"{tinygpu.BUILD} build: slope {slope:.2f}, intercept {intercept:.2f}")
