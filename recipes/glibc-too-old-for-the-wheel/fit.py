"""Fits a line through three points."""

import numpy as np

print(np.polynomial.Polynomial.fit([1, 2, 3], [1.0, 2.1, 2.9], 1).convert().coef.round(2).tolist())
