"""The model: weights from a file, probabilities by softmax."""

import json
import math
from collections.abc import Sequence
from pathlib import Path


class Model:
    def __init__(self, path: Path) -> None:
        told = json.loads(path.read_text())
        self.classes, self.weights, self.bias = told["classes"], told["weights"], told["bias"]

    def predict(self, features: Sequence[float]) -> dict[str, float]:
        rows = zip(self.weights, self.bias, strict=True)
        logits = [sum(w * x for w, x in zip(row, features, strict=True)) + bias for row, bias in rows]
        powers = [math.exp(logit - max(logits)) for logit in logits]
        return {name: round(power / sum(powers), 3) for name, power in zip(self.classes, powers, strict=True)}
