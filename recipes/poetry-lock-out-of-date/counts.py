"""How often each label occurs, the most frequent first."""

from collections import Counter

from cachetools import cached
from tabulate import tabulate

LABELS = ["ham", "spam", "ham", "ham", "unsure"]


@cached({})
def counts() -> list[tuple[str, int]]:
    """Labels with their counts."""
    return Counter(LABELS).most_common()


print(tabulate(counts(), headers=["label", "count"]))
