"""A small web service around a logistic regression."""

import math

from fastapi import FastAPI
from pydantic import BaseModel

WEIGHTS = {"age": 0.04, "visits": 0.3}
BIAS = -2.0

app = FastAPI(title="scoring")


class Row(BaseModel):
    """The features of one customer."""

    age: float
    visits: float


def probability(row: Row) -> float:
    """Return the probability, between 0 and 1, that this customer comes back."""
    z = BIAS + sum(weight * getattr(row, name) for name, weight in WEIGHTS.items())
    return 1 / (1 + math.exp(-z))


@app.post("/score")
def score(row: Row) -> dict[str, float]:
    """Score one row."""
    return {"probability": round(probability(row), 4)}
