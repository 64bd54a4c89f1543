"""The API: `POST /jobs` with a query and vectors, `GET /jobs/NAME` for what came of it."""

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from app import jobs

app = FastAPI()


class Job(BaseModel):
    query: list[float]
    vectors: list[list[float]]


@app.get("/healthz")
def healthz() -> dict[str, int]:
    return {"waiting": len(list(jobs.WAITING.iterdir()))}


@app.post("/jobs", status_code=202)
def add(job: Job) -> dict[str, str]:
    return {"name": jobs.add(job.model_dump())}


@app.get("/jobs/{name}")
def result(name: str) -> dict[str, object]:
    found = jobs.result(name)
    if found is None:
        raise HTTPException(404, "no result yet")
    return found
