"""Find the support ticket that is most like a question: trigrams hashed into vectors, compared by cosine."""

import sys
import zlib

import torch

WIDTH = 4096
TICKETS = [
    "the container does not see the gpu",
    "out of memory when the batch grows",
    "the training loss is nan after an hour",
    "the download of the data set is refused",
]


def vectors(texts: list[str]) -> torch.Tensor:
    """One row of length 1 for each text."""
    rows = torch.zeros(len(texts), WIDTH)
    for row, text in zip(rows, texts):
        padded = f"  {text.lower()} "
        for start in range(len(padded) - 2):
            row[zlib.crc32(padded[start : start + 3].encode()) % WIDTH] += 1
    return torch.nn.functional.normalize(rows)


def main() -> None:
    """Print the most similar ticket, and the build of torch that found it."""
    question = sys.argv[1]
    scores = vectors(TICKETS) @ vectors([question])[0]
    best = int(scores.argmax())
    print(f"{scores[best]:.3f} {TICKETS[best]}")
    print(f"torch {torch.__version__}, cuda {torch.version.cuda}")


if __name__ == "__main__":
    main()
