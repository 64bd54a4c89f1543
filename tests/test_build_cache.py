"""Scenarios that share an engine: the first notes what its build cache holds, and none takes the file of another away."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from provenv.engine import Engine
from provenv.lanes import container

ENGINE = Engine(Path("/nowhere/docker"), "docker", "26", "unix:///nowhere.sock")


def test_scenarios_come_and_go_beside_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "locks").mkdir()
    alone = []
    monkeypatch.setattr("provenv.engine.BuildCache.forget", lambda self, before, until: alone.append(until is None))

    def scenario(_: int) -> bool:
        with container._cache_as_before(ENGINE, tmp_path):
            return bool(list(tmp_path.rglob("running-*")))

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(scenario, range(400)))
    assert len(alone) == 400
    assert alone.count(True) < 400
    assert not list(tmp_path.rglob("running-*"))
