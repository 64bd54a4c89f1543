"""The program of every style: the nearest neighbours of a vector."""

import numpy as np
from annoy import AnnoyIndex

index = AnnoyIndex(4, "angular")
for number, vector in enumerate(np.eye(4)):
    index.add_item(number, vector.tolist())
index.build(2)
print("nearest", index.get_nns_by_vector([0.9, 0.1, 0.0, 0.0], 1)[0])
