"""A small job: an exponentially weighted forecast of a series."""
