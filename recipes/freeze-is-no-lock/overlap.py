"""How much of the test set also stands in the training set, once case and spaces do not count."""

from tabulate import tabulate
from textnorm import normal

TRAIN = ["The cat sat.", "A dog  barked.", "It rained."]
TEST = ["the cat sat.", "It snowed."]

seen = {normal(text) for text in TRAIN}
print(tabulate([(text, normal(text) in seen) for text in TEST], headers=["test", "in training"]))
