"""Show how balanced the labels of a training set are, and the class weights that even them out."""

from pathlib import Path

import numpy as np
from tabulate import tabulate


def class_weights(labels: list[str]) -> dict[str, float]:
    """Return a weight per class: the rarer the class, the heavier; a balanced set gives 1.0 to all."""
    names, counts = np.unique(labels, return_counts=True)
    weights = len(labels) / (len(names) * counts)
    return dict(zip(names.tolist(), weights.tolist(), strict=True))


if __name__ == "__main__":
    labels = Path(__file__).with_name("labels.txt").read_text().split()
    print(tabulate(class_weights(labels).items(), headers=["class", "weight"], floatfmt=".2f"))
