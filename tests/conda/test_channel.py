"""Which channel `conda-forge` is, and that each says of itself what it is."""

import io
import sys
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest

from conda.conftest import FORGE, TINY
from provenv.conda import channel, server, stand_in
from provenv.engine import Engine
from provenv.errors import NotRun
from provenv.known_host import KnownHost


@pytest.fixture(autouse=True)
def asked_anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whether conda-forge answers is asked anew, and no channel is named."""
    monkeypatch.delenv(channel.GIVEN, raising=False)
    answers = channel._answers
    answers.cache_clear()
    yield
    answers.cache_clear()


def test_the_channel_that_is_named_is_taken_and_nothing_else_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(channel, "_answers", lambda: pytest.fail("it was asked"))
    monkeypatch.setattr(stand_in, "folder", lambda caches: pytest.fail("it was made"))
    monkeypatch.setenv(channel.GIVEN, "https://user:secret@example.invalid/conda-forge/")
    channels = channel.ready(tmp_path)
    assert channels.addresses[FORGE] == "https://user:secret@example.invalid/conda-forge"
    assert channels.said == "the channel that PROVENV_CONDA_CHANNEL names"
    assert channels.stand_ins == (stand_in.SAID_OF_TINY,)


@pytest.mark.parametrize("given", ["http://host/conda-forge", "https://host", "file:///srv/conda-forge"])
def test_addresses_that_can_be_used_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str):
    monkeypatch.setenv(channel.GIVEN, given)
    assert channel.ready(tmp_path).addresses[FORGE] == given


@pytest.mark.parametrize(
    "given",
    ["secret", "ftp://user:secret@host/x", "https://", "/srv/secret", "https:///secret", "http://[secret/x", "https://user:secret@"],
)
def test_an_address_that_is_none_is_refused_and_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str):
    monkeypatch.setenv(channel.GIVEN, given)
    with pytest.raises(NotRun) as refusal:
        channel.ready(tmp_path)
    assert str(refusal.value) == "PROVENV_CONDA_CHANNEL holds no address like https://HOST/conda-forge"


def test_conda_forge_itself_is_taken_where_it_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(channel, "_answers", lambda: True)
    monkeypatch.setattr(stand_in, "folder", lambda caches: pytest.fail("it was made"))
    channels = channel.ready(tmp_path)
    assert (channels.said, channels.stand_ins) == ("conda-forge", (stand_in.SAID_OF_TINY,))
    assert channels.addresses.keys() == {TINY}


def test_the_stand_in_is_taken_elsewhere_and_is_never_called_conda_forge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made = tmp_path / "made"
    (made / "conda-forge").mkdir(parents=True)
    monkeypatch.setattr(channel, "_answers", lambda: False)
    monkeypatch.setattr(stand_in, "folder", lambda caches: made)
    channels = channel.ready(tmp_path)
    assert channels.addresses[FORGE] == f"{server.address(made)}/conda-forge"
    assert channels.said == "stand-in channel"
    assert channels.stand_ins == (stand_in.SAID, stand_in.SAID_OF_TINY)
    assert not any("conda-forge" in each for each in (channels.said, *channels.stand_ins))


def test_the_made_up_channel_is_there_whatever_conda_forge_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(channel, "_answers", lambda: True)
    assert channel.ready(tmp_path).addresses[TINY] == f"{server.address(stand_in.tiny(tmp_path))}/tiny"


@pytest.mark.parametrize(
    ("error", "reached"),
    [
        (None, True),
        (OSError(), False),
        (urllib.error.URLError("no"), False),
        (urllib.error.HTTPError("https://example.invalid", 503, "no", None, None), False),  # type: ignore[arg-type]
        (TimeoutError(), False),
    ],
)
def test_conda_forge_is_asked_for_its_index_and_once(monkeypatch: pytest.MonkeyPatch, error: Exception | None, reached: bool):
    asked: list[tuple[str, str]] = []

    def answer(request: urllib.request.Request, **_: object) -> io.BytesIO:
        asked.append((request.get_method(), request.full_url))
        if error:
            raise error
        return io.BytesIO()

    monkeypatch.setattr("urllib.request.urlopen", answer)
    assert [channel._answers(), channel._answers()] == [reached, reached]
    ((method, url),) = asked
    assert (method, url.rpartition("/conda-forge/")[2]) == ("HEAD", "noarch/repodata.json.zst")


def test_without_py_rattler_nobody_knows_where_conda_forge_is(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "rattler", None)
    with pytest.raises(NotRun, match="py-rattler is not installed beside provenv; install it"):
        channel._answers()


def test_builds_that_do_not_need_it_get_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(channel, "_answers", lambda: pytest.fail("it was asked"))
    engine: Engine = None  # type: ignore[assignment]  # which is not asked either
    with channel.ready_for_builds(["network"], engine, tmp_path) as given:
        assert given == KnownHost()


def test_builds_use_conda_forge_itself_where_it_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(channel, "_answers", lambda: True)
    engine: Engine = None  # type: ignore[assignment]
    with channel.ready_for_builds([channel.NEED], engine, tmp_path) as given:
        assert given == KnownHost()
