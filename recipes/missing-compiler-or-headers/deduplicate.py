"""Counts the distinct samples of a data set by their hashes."""

import xxhash

SAMPLES = ["a cat", "a dog", "a cat", "no animal"]

print(len({xxhash.xxh64_intdigest(sample) for sample in SAMPLES}))
