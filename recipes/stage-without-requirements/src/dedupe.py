"""Tell which sentences of a data set are near-duplicates, by the cosine of their character pairs."""

import numpy as np

SENTENCES = ["the cat sat on the mat", "the cat sat on a mat", "dogs bark at night"]
LIMIT = 0.8


def vectors(sentences: list[str]) -> np.ndarray:
    pairs = sorted({text[at : at + 2] for text in sentences for at in range(len(text) - 1)})
    counts = np.array([[text.count(pair) for pair in pairs] for text in sentences], dtype=float)
    return counts / np.linalg.norm(counts, axis=1, keepdims=True)


def duplicates(sentences: list[str]) -> list[tuple[int, int]]:
    likeness = vectors(sentences) @ vectors(sentences).T
    return [(int(a), int(b)) for a, b in np.argwhere(likeness > LIMIT) if a < b]


if __name__ == "__main__":
    for a, b in duplicates(SENTENCES):
        print(f"{SENTENCES[b]!r} repeats {SENTENCES[a]!r}")
