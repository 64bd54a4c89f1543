"""Helpers for reproducible runs."""

SEED = 7
