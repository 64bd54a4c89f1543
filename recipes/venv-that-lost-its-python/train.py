"""Counts the parameters of a small network."""

import humanize

LAYERS = [784, 4096, 4096, 10]

print(humanize.intword(sum(inputs * outputs + outputs for inputs, outputs in zip(LAYERS, LAYERS[1:]))))
