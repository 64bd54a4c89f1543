"""Scores of a ranking, for evaluations that several teams share."""

from collections.abc import Sequence

import numpy as np


def ndcg(relevance: Sequence[float], k: int = 10) -> float:
    """Normalised discounted cumulative gain of a ranking, by the relevance of its hits in order."""
    found = np.asarray(relevance, dtype=float)
    discount = np.log2(np.arange(2, found.size + 2))[:k]
    gain = (found[:k] / discount).sum()
    best = (np.sort(found)[::-1][:k] / discount).sum()
    return float(gain / best)
