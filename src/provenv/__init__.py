"""Provenv: a knowledge base on Python dependencies in which every instruction carries a dated proof."""

__version__ = "0.1.0"
