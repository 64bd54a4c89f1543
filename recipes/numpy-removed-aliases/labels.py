"""Turn the classes of a validation set into numbers."""

import numpy as np

classes = ["cat", "dog", "other"]
seen = ["dog", "cat", "other", "dog"]
print(np.array([classes.index(name) for name in seen], dtype=np.int))
