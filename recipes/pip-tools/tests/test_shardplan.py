import httpx
import pytest

from shardplan import Shard, fetch_manifest, open_client, plan

MANIFEST = {"shards": [{"name": "a.tar", "size": 7}, {"name": "b.tar", "size": 5}]}


def answer(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/datasets/cats/manifest.json":
        return httpx.Response(200, json=MANIFEST)
    return httpx.Response(404)


@pytest.fixture
def client():
    with httpx.Client(base_url="http://data.test", transport=httpx.MockTransport(answer)) as client:
        yield client


def test_the_manifest_becomes_shards(client):
    assert fetch_manifest(client, "cats") == [Shard("a.tar", 7), Shard("b.tar", 5)]


def test_an_unknown_data_set_is_an_error(client):
    with pytest.raises(httpx.HTTPStatusError, match="404"):
        fetch_manifest(client, "dogs")


def test_workers_get_equal_shares():
    sizes = {"a": 6, "b": 5, "c": 4, "d": 3}
    shares = plan([Shard(name, size) for name, size in sizes.items()], workers=2)
    assert [sum(shard.size for shard in share) for share in shares] == [9, 9]


def test_http2_is_installed():
    with open_client("http://data.test"):
        pass
