"""Recall at k of a retriever: the share of questions whose document is among the first k found."""

import numpy as np
from tabulate import tabulate

RANKS = np.array([1, 3, 1, 12, 2, 1, 7, 1])  # of the right document, per question

print(tabulate([(k, (k >= RANKS).mean()) for k in (1, 3, 10)], headers=["k", "recall"], floatfmt=".3f"))
