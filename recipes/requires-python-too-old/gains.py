"""Relative gain of each epoch, from a loss curve."""

import numpy as np

loss = np.array([2.0, 1.0, 0.8, 0.6])
print(np.round(-np.diff(loss) / loss[:-1], 3))
