"""Fits the half-life of a decay to counts that were measured."""

import numpy as np
from scipy.optimize import curve_fit


def half_life(hours: np.ndarray, counts: np.ndarray) -> float:
    """The time after which half of it is left."""
    (_, rate), _ = curve_fit(lambda time, start, rate: start * np.exp(-rate * time), hours, counts, p0=(counts[0], 0.1))
    return float(np.log(2) / rate)


def main() -> None:
    hours = np.arange(0.0, 48.0, 2.0)
    counts = np.random.default_rng(3).poisson(5000 * np.exp2(-hours / 6.0))
    print(f"half-life {half_life(hours, counts):.1f} h")


if __name__ == "__main__":
    main()
