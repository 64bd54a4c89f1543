"""Read a data set's manifest and share its shards fairly between training workers."""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass

import httpx


@dataclass(frozen=True)
class Shard:
    """One file of the data set and its size in bytes."""

    name: str
    size: int


def open_client(base_url: str) -> httpx.Client:
    """Open a connection that speaks HTTP/2, so that many small shards share one socket."""
    return httpx.Client(base_url=base_url, http2=True)


def fetch_manifest(client: httpx.Client, dataset: str) -> list[Shard]:
    """Ask the server which shards a data set has."""
    response = client.get(f"/datasets/{dataset}/manifest.json")
    response.raise_for_status()
    return [Shard(entry["name"], entry["size"]) for entry in response.json()["shards"]]


def plan(shards: Iterable[Shard], workers: int) -> list[list[Shard]]:
    """Give each shard, largest first, to the worker that has the least to read."""
    shares: list[list[Shard]] = [[] for _ in range(workers)]
    loads = [(0, worker) for worker in range(workers)]
    for shard in sorted(shards, key=lambda shard: (-shard.size, shard.name)):
        load, worker = heapq.heappop(loads)
        shares[worker].append(shard)
        heapq.heappush(loads, (load + shard.size, worker))
    return shares
