"""Finds the stored vector that is nearest to a query."""

import numpy as np

STORED = {"cat": [0.9, 0.1, 0.0], "dog": [0.8, 0.3, 0.1], "car": [0.0, 0.2, 0.9]}


def nearest(query: list[float]) -> tuple[str, float]:
    """The name and the cosine similarity of the nearest stored vector."""
    vectors = np.array(list(STORED.values()))
    scores = vectors @ np.array(query) / (np.linalg.norm(vectors, axis=1) * np.linalg.norm(query))
    best = int(scores.argmax())
    return list(STORED)[best], float(scores[best])


def main() -> None:
    """The command `nearest`."""
    name, score = nearest([0.7, 0.4, 0.1])
    print(f"{name} {score:.2f}")


if __name__ == "__main__":
    main()
