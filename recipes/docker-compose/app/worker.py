"""The worker: takes one job after the other, and shows by a heartbeat that it does."""

import os
import sys
import time
from pathlib import Path

import numpy as np

from app import jobs

HEARTBEAT = Path("/tmp/heartbeat")
PAUSE = 0.1


def cosine(query: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    return vectors @ query / (np.linalg.norm(vectors, axis=1) * np.linalg.norm(query))


def dot(query: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    return vectors @ query


MEASURES = {"cosine": cosine, "dot": dot}


def nearest(query: list[float], vectors: list[list[float]]) -> dict[str, float]:
    scores = MEASURES[os.environ.get("WORKER_MEASURE", "cosine")](np.array(query), np.array(vectors))
    best = int(scores.argmax())
    return {"nearest": best, "score": round(float(scores[best]), 2)}


def main() -> None:
    nearest([1, 0], [[1, 0]])  # fail now rather than at the first job
    jobs.prepare()
    print("waiting for jobs")
    while True:
        HEARTBEAT.touch()
        taken = jobs.take()
        if taken is None:
            time.sleep(PAUSE)
            continue
        name, job = taken
        jobs.finish(name, nearest(**job))
        print("did a job over", len(job["vectors"]), "vectors")


if __name__ == "__main__":
    if "--alive" in sys.argv:
        sys.exit(not HEARTBEAT.exists() or time.time() - HEARTBEAT.stat().st_mtime > 10)
    main()
