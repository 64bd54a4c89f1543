"""Compare the label shares of last week's predictions with this week's."""

import sys

import numpy as np
from tabulate import tabulate

LABELS = ["cat", "dog", "other"]
LAST = np.array([60, 30, 10])
THIS = np.array([45, 30, 25])


def drift(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return after / after.sum() - before / before.sum()


if __name__ == "__main__":
    print(f"Python {sys.version_info.major}.{sys.version_info.minor}")
    print(tabulate(list(zip(LABELS, drift(LAST, THIS), strict=True)), headers=["label", "drift"], floatfmt="+.2f"))
