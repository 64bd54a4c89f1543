"""Prints the accuracy of a run by class."""

from tabulate import tabulate

print(tabulate([("cat", 0.91), ("dog", 0.87)], ["class", "accuracy"]))
