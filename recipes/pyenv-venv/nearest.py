"""Find the nearest neighbours of a vector by cosine similarity."""

import numpy as np


def nearest(query: np.ndarray, rows: np.ndarray, count: int) -> list[int]:
    """Return the positions of the `count` rows most similar to the query, best first."""
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(query)
    similarity = (rows @ query) / np.where(lengths == 0, 1.0, lengths)
    return np.argsort(-similarity, kind="stable")[:count].tolist()
