"""Nearest neighbours of vectors: an API that takes jobs, and a worker that does them."""
