"""Index word vectors, and ask which words are nearest."""

from annoy import AnnoyIndex

WORDS = {"cat": (0.9, 0.1, 0.0), "kitten": (0.8, 0.2, 0.0), "lorry": (0.0, 0.1, 0.9), "truck": (0.1, 0.0, 0.9)}


def build(words: dict[str, tuple[float, ...]]) -> AnnoyIndex:
    index = AnnoyIndex(3, "angular")
    for number, vector in enumerate(words.values()):
        index.add_item(number, vector)
    index.build(5)
    return index


if __name__ == "__main__":
    names = list(WORDS)
    index = build(WORDS)
    for number, name in enumerate(names):
        nearest = next(each for each in index.get_nns_by_item(number, 2) if each != number)
        print(f"{name}: {names[nearest]}")
