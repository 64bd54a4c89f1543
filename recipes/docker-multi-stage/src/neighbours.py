"""Find the products whose names are most like a query: hashed letter triples, and an index of approximate nearest neighbours."""

import sys
from pathlib import Path
from zlib import crc32

import numpy as np
from annoy import AnnoyIndex

DIMENSIONS = 256


def vector(text: str) -> np.ndarray:
    """The letter triples of a text, counted in hashed buckets, as a vector of length one."""
    padded = f"  {text.lower()}  "
    buckets = [crc32(padded[at : at + 3].encode()) % DIMENSIONS for at in range(len(padded) - 2)]
    counts = np.bincount(buckets, minlength=DIMENSIONS).astype(np.float32)
    return counts / np.linalg.norm(counts)


def build(names: list[str]) -> AnnoyIndex:
    """An index of the names by angle."""
    index = AnnoyIndex(DIMENSIONS, "angular")
    for number, name in enumerate(names):
        index.add_item(number, vector(name))
    index.build(10)
    return index


def main() -> None:
    """Print the three names that are nearest to the query, with their cosine."""
    names = Path("catalogue.txt").read_text().splitlines()
    found, distances = build(names).get_nns_by_vector(vector(" ".join(sys.argv[1:])), 3, include_distances=True)
    for number, distance in zip(found, distances, strict=True):
        print(f"{1 - distance**2 / 2:.2f}  {names[number]}")


if __name__ == "__main__":
    main()
