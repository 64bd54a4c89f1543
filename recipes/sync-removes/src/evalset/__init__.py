"""Draws an evaluation set that keeps the shares of the labels."""

from collections import Counter

from tabulate import tabulate


def draw(labels: list[str], every: int) -> list[str]:
    """Every n-th example of each label, in order."""
    count = Counter()
    kept = []
    for label in labels:
        if count[label] % every == 0:
            kept.append(label)
        count[label] += 1
    return kept


def main() -> None:
    """Print how many examples of each label are kept."""
    kept = Counter(draw(["spam"] * 10 + ["ham"] * 30, every=5))
    print(tabulate(sorted(kept.items()), headers=["label", "kept"]))
