"""Merges the settings of an experiment into the defaults."""

from lightning_utilities.core.apply_func import apply_to_collection

DEFAULTS = {"epochs": 10, "rate": {"start": 0.1, "end": 0.01}}

print(apply_to_collection(DEFAULTS, dtype=float, function=lambda value: value / 10))
