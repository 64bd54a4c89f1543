"""Sets the smallest weights of a layer to zero, and tells what that does to its output."""

import numpy as np


def pruned(weights, share):
    """The weights without the given share of them, the smallest ones."""
    limit = np.quantile(np.abs(weights), share)
    return np.where(np.abs(weights) < limit, 0, weights)


random = np.random.default_rng(3)
weights, inputs = random.normal(size=(64, 256)), random.normal(size=256)
exact = weights @ inputs
for share in (0.3, 0.6):
    error = np.linalg.norm(pruned(weights, share) @ inputs - exact) / np.linalg.norm(exact)
    print(f"without {share:.0%} of the weights: error {error:.2f}")
