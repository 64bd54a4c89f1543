"""Mean reciprocal rank of a search: how high the right answer stands in each result list."""

import numpy as np

RANKS = np.array([1, 3, 2, 1])


def mean_reciprocal_rank(ranks: np.ndarray) -> float:
    return float((1 / ranks).mean())


if __name__ == "__main__":
    print(f"MRR {mean_reciprocal_rank(RANKS):.2f}")
