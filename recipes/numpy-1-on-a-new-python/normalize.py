"""Bring features to mean 0 and deviation 1."""

import numpy as np

features = np.array([[1.0, 20.0], [2.0, 40.0], [3.0, 60.0]])
print(((features - features.mean(axis=0)) / features.std(axis=0)).round(2))
