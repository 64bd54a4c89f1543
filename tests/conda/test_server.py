"""The server of a channel says what a client may keep, gives what lies in its folder, and nothing else."""

import http.client
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from provenv.conda import server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A served folder, with a secret beside it and a link to that."""
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "served"
    (folder / "noarch").mkdir(parents=True)
    (folder / "noarch/repodata.json").write_text("{}\n")
    (folder / "noarch/a b.txt").write_text("spaced")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    return folder


def ask(folder: Path, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(server.address(folder)).port or 0, timeout=10)
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    told = answer.status, dict(answer.getheaders()), answer.read()
    connection.close()
    return told


def test_a_file_comes_with_its_length_and_a_tag_and_is_to_be_asked_for_each_time(folder: Path):
    status, headers, body = ask(folder, "/noarch/repodata.json")
    assert (status, body, headers["Content-Length"], headers["Cache-Control"]) == (200, b"{}\n", "3", "no-cache")
    assert headers["ETag"].startswith('"')
    assert ask(folder, "/noarch/a%20b.txt?query=1")[2] == b"spaced"


def test_what_a_client_has_is_not_sent_again(folder: Path):
    tag = ask(folder, "/noarch/repodata.json")[1]["ETag"]
    status, headers, body = ask(folder, "/noarch/repodata.json", If_None_Match=tag)
    assert (status, body, headers["ETag"], headers["Cache-Control"]) == (304, b"", tag, "no-cache")
    assert ask(folder, "/noarch/repodata.json", If_None_Match='"another"')[0] == 200


def test_a_changed_file_has_another_tag(folder: Path):
    tag = ask(folder, "/noarch/repodata.json")[1]["ETag"]
    (folder / "noarch/repodata.json").write_text("{ }\n")
    status, headers, body = ask(folder, "/noarch/repodata.json", If_None_Match=tag)
    assert (status, body) == (200, b"{ }\n")
    assert headers["ETag"] != tag


def test_head_tells_the_same_without_the_body(folder: Path):
    get, head = ask(folder, "/noarch/repodata.json"), ask(folder, "/noarch/repodata.json", "HEAD")
    assert (head[0], head[2]) == (200, b"")
    assert {name: get[1][name] for name in ("ETag", "Content-Length", "Cache-Control")} == {
        name: head[1][name] for name in ("ETag", "Content-Length", "Cache-Control")
    }


@pytest.mark.parametrize(
    "path",
    ["/none", "/noarch", "/", "/../secret.txt", "/noarch/../../secret.txt", "/%2e%2e/secret.txt", "/link.txt", "//etc/passwd", "/%00"],
)
def test_what_is_not_in_the_folder_is_not_found(folder: Path, path: str):
    status, headers, body = ask(folder, path)
    assert (status, body, headers["Content-Length"]) == (404, b"", "0")


def test_a_connection_serves_one_request_after_the_other(folder: Path):
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(server.address(folder)).port or 0, timeout=10)
    tag = ask(folder, "/noarch/repodata.json")[1]["ETag"]
    path = "/noarch/repodata.json"
    for method, asked, headers, status in (
        ("GET", path, {}, 200),
        ("GET", "/none", {}, 404),
        ("GET", path, {"If-None-Match": tag}, 304),
        ("HEAD", path, {}, 200),
        ("GET", path, {}, 200),
    ):
        connection.request(method, asked, headers=headers)
        answer = connection.getresponse()
        assert answer.status == status
        answer.read()


def test_a_client_that_goes_away_is_no_news(folder: Path, capfd: pytest.CaptureFixture[str]):
    (folder / "big").write_bytes(bytes(20_000_000))
    port = urlsplit(server.address(folder)).port or 0
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
        client.recv(10)
    assert ask(folder, "/noarch/repodata.json")[0] == 200
    assert capfd.readouterr().err == ""


def test_a_folder_has_one_address(folder: Path, tmp_path: Path):
    assert server.address(folder) == server.address(folder)
    assert server.address(folder) != server.address(tmp_path)
    assert server.address(folder).startswith("http://127.0.0.1:")
