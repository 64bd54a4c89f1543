"""Smooth the loss curve of a run, with gaps where a step was not logged."""

import bottleneck as bn
import numpy as np

loss = np.array([2.31, 1.87, np.nan, 1.42, 1.20, 1.33, np.nan, 0.98])
print(bn.move_mean(loss, window=3, min_count=1).round(2))
