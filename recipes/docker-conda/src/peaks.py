"""Find the peaks of a spectrum."""

import sys

import numpy as np
import scipy.signal


def spectrum(points: int = 400) -> np.ndarray:
    """Two lines on a flat ground, without noise."""
    x = np.linspace(0, 10, points)
    return np.exp(-((x - 3) ** 2) / 0.02) + 0.5 * np.exp(-((x - 7) ** 2) / 0.05)


if __name__ == "__main__":
    found, _ = scipy.signal.find_peaks(spectrum(), height=0.1)
    print(f"{len(found)} peaks at {', '.join(map(str, found))}; Python {sys.version.split()[0]} in {sys.prefix}")
