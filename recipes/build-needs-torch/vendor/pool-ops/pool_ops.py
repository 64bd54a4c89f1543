import numpy as np


def mean_pool(vectors, mask):
    """The mean of a text's token vectors, without its padding."""
    weights = np.asarray(mask, dtype=float)[:, None]
    return (np.asarray(vectors) * weights).sum(0) / weights.sum()
