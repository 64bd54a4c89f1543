"""Scores of iris flowers by a small logistic model, over HTTP."""
