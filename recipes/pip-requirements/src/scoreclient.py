"""Ask a model server for class scores and turn them into labels with a confidence."""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass

import httpx


@dataclass(frozen=True)
class Prediction:
    """The most likely label of one row, with its probability."""

    label: str
    probability: float


# --8<-- [start:client]
def open_client(base_url: str) -> httpx.Client:
    """Open a connection to the model server, through the proxy in `MODEL_PROXY` if one is set.

    `proxy=` came with httpx 0.26; that is why requirements.txt has a lower bound.
    """
    return httpx.Client(base_url=base_url, http2=True, proxy=os.environ.get("MODEL_PROXY"))
# --8<-- [end:client]


def softmax(scores: Sequence[float]) -> list[float]:
    """Turn raw scores into probabilities that add up to 1."""
    highest = max(scores)
    weights = [math.exp(score - highest) for score in scores]
    total = sum(weights)
    return [weight / total for weight in weights]


def classify(
    rows: Sequence[Sequence[float]], labels: Sequence[str], client: httpx.Client
) -> list[Prediction]:
    """Send feature rows to `/score` and return one prediction for each."""
    response = client.post("/score", json={"rows": [list(row) for row in rows]})
    response.raise_for_status()
    predictions = []
    for scores in response.json()["scores"]:
        probabilities = softmax(scores)
        best = max(range(len(labels)), key=probabilities.__getitem__)
        predictions.append(Prediction(labels[best], probabilities[best]))
    return predictions
