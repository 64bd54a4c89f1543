"""Finds the passages that answer a question, by BM25, and says how sure the order is."""

import numpy as np
from rank_bm25 import BM25Okapi
from scipy.special import softmax

PASSAGES = [
    "a constraint limits the version of a package and does not install it",
    "a lock holds every version and the hash of every file",
    "conda installs libraries that are not Python",
    "a wheel is an archive of a built package",
    "the solver of conda reads the index of a channel",
]


# --8<-- [start:ranked]
def ranked(question, passages=PASSAGES):
    """The passages with their share of the score, the best one first."""
    scores = BM25Okapi([passage.split() for passage in passages]).get_scores(question.split())
    shares = softmax(scores)
    return [(passages[place], float(shares[place])) for place in np.argsort(-scores)]
# --8<-- [end:ranked]


if __name__ == "__main__":
    for passage, share in ranked("which version does a constraint install")[:2]:
        print(f"{share:.2f} {passage}")
