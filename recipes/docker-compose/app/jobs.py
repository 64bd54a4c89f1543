"""The queue: a folder of JSON files on a volume that the API and the worker share. A rename is atomic, so no job is seen half written or taken twice."""

import json
import os
import uuid
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ.get("JOBS", "/jobs"))
WAITING, RUNNING, DONE = (FOLDER / name for name in ("waiting", "running", "done"))


def prepare() -> None:
    for folder in (WAITING, RUNNING, DONE):
        folder.mkdir(exist_ok=True)


def add(job: dict[str, Any]) -> str:
    name = uuid.uuid4().hex
    _write(WAITING / f"{name}.json", job)
    return name


def take() -> tuple[str, dict[str, Any]] | None:
    """The oldest job, for this worker alone."""
    for path in sorted(WAITING.glob("*.json"), key=lambda path: path.stat().st_mtime_ns):
        try:
            mine = path.rename(RUNNING / path.name)
        except FileNotFoundError:
            continue  # another worker was quicker
        return path.stem, json.loads(mine.read_text())
    return None


def finish(name: str, result: dict[str, Any]) -> None:
    _write(DONE / f"{name}.json", result)
    (RUNNING / f"{name}.json").unlink()


def result(name: str) -> dict[str, Any] | None:
    path = DONE / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None


def _write(path: Path, content: dict[str, Any]) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(content))
    part.rename(path)
