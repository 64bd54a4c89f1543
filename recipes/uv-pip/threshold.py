"""Pick the decision threshold of a binary classifier that gives the best F1 on validation scores."""

import csv
import sys
from pathlib import Path

from attrs import frozen
from tqdm import tqdm


@frozen
class Choice:
    threshold: float
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def judge(threshold: float, scored: list[tuple[float, bool]]) -> Choice:
    positives = sum(truth for _, truth in scored)
    called = [truth for score, truth in scored if score >= threshold]
    hits = sum(called)
    return Choice(threshold, hits / len(called) if called else 0.0, hits / positives if positives else 0.0)


def best(scored: list[tuple[float, bool]], quiet: bool = True) -> Choice:
    thresholds = sorted({score for score, _ in scored})
    return max((judge(t, scored) for t in tqdm(thresholds, disable=quiet)), key=lambda choice: choice.f1)


def read(path: Path) -> list[tuple[float, bool]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [(float(row["score"]), row["label"] == "1") for row in csv.DictReader(file)]


if __name__ == "__main__":
    choice = best(read(Path(sys.argv[1])))
    print(f"threshold {choice.threshold}: precision {choice.precision:.2f}, recall {choice.recall:.2f}, F1 {choice.f1:.2f}")
