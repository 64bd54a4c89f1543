"""The package index: how it is held, what it is asked, and what it means when it does not tell."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from conftest import Index
from provenv import index as engine
from provenv.errors import NotRun
from provenv.index import too_new

DAY = date(2026, 11, 1)


@pytest.fixture(autouse=True)
def asked_anew() -> None:
    engine.json_api_stand_in.cache_clear()
    engine.assert_reachable.cache_clear()


# --- the date is held by the tools' own settings --------------------------------------------------------------------------------


def test_a_date_holds_pip_and_uv_at_its_first_moment():
    got = engine.held(DAY)
    assert (got["PIP_UPLOADED_PRIOR_TO"], got["UV_EXCLUDE_NEWER"]) == ("2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z")


@pytest.mark.parametrize("days", [0, 1, 21, 400])
def test_a_date_holds_poetry_at_its_first_moment_or_up_to_a_day_before(days: int):
    day = datetime.now(UTC).date() - timedelta(days=days)
    held_since = datetime.now(UTC) - timedelta(days=int(engine.held(day)["POETRY_SOLVER_MIN_RELEASE_AGE"]))
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    assert begin - timedelta(days=1) <= held_since <= begin


def test_today_holds_nothing():
    assert engine.held(None) == {}


# --- upload times -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uploaded", "held"),
    [
        ("2026-10-31T23:59:59Z", True),
        ("2026-10-31T23:59:59.999999Z", True),
        ("2026-11-01T00:00:00Z", False),
        ("2026-11-01T00:00:00.000001Z", False),
        ("2026-11-20T08:00:00.123456Z", False),
        ("2026-11-01T01:30:00+02:00", True),
        ("2026-10-31T23:30:00-02:00", False),
        ("2026-10-31T23:00:00", True),
    ],
)
def test_what_was_uploaded_at_or_after_the_date_is_too_new(index: Index, tmp_path: Path, uploaded: str, held: bool):
    index.add("demo", "1.0", uploaded)
    sentences = too_new([("demo", "1.0")], DAY, tmp_path)
    assert (sentences == []) == held
    if not held:
        assert sentences[0].startswith("demo 1.0 was uploaded on ")
        assert "after the freeze date 2026-11-01" in sentences[0]


@pytest.mark.parametrize("times", [("2026-11-20T00:00:00Z", "2026-01-01T00:00:00Z"), ("2026-01-01T00:00:00Z", "2026-11-20T00:00:00Z")])
def test_the_first_file_of_a_release_counts(index: Index, tmp_path: Path, times: tuple[str, str]):
    index.add("demo", "1.0", times[0])
    index.add("demo", "1.0", times[1], filename="demo-1.0.tar.gz")
    assert too_new([("demo", "1.0")], DAY, tmp_path) == []


def test_each_version_has_its_own_time(index: Index, tmp_path: Path):
    index.add("demo", "1.0", "2026-01-01T00:00:00Z")
    index.add("demo", "2.0", "2026-11-20T00:00:00Z")
    assert too_new([("demo", "1.0")], DAY, tmp_path) == []
    assert len(too_new([("demo", "1.0"), ("demo", "2.0")], DAY, tmp_path)) == 1


@pytest.mark.parametrize(
    "filename",
    [
        "demo_pkg-1.0-py3-none-any.whl",
        "demo_pkg-1.0-1-cp313-cp313-manylinux_2_28_x86_64.whl",
        "demo-pkg-1.0.tar.gz",
        "demo_pkg-1.0.zip",
        "demo_pkg-1.0.tgz",
        "demo_pkg-1.0.tar.bz2",
        "Demo.Pkg-1.0.tar.gz",
    ],
)
def test_a_release_is_known_by_any_kind_of_file(index: Index, tmp_path: Path, filename: str):
    index.add("demo-pkg", "1.0", "2026-01-01T00:00:00Z", filename=filename)
    assert too_new([("Demo.Pkg", "1.0")], DAY, tmp_path) == []
    assert index.asked == ["/simple/demo-pkg/"]


def test_names_and_versions_are_compared_in_their_normal_form(index: Index, tmp_path: Path):
    index.add("demo", "1.0rc1", "2026-01-01T00:00:00Z")
    index.add("demo", "2.0+cpu", "2026-01-01T00:00:00Z")
    assert too_new([("DEMO", "1.0.RC1"), ("demo", "2.0+CPU")], DAY, tmp_path) == []


def test_files_that_cannot_be_read_are_passed_over(index: Index, tmp_path: Path):
    for filename in ("demo-1.0.exe", "demo.whl", "", "demo-not.a.version-py3-none-any.whl", "other"):
        index.add("demo", "9", "2026-01-01T00:00:00Z", filename=filename or "x")
    index.add("demo", "1.0", "2026-01-01T00:00:00Z")
    index.projects["demo"].append({})
    assert too_new([("demo", "1.0")], DAY, tmp_path) == []


@pytest.mark.parametrize("version", ["2.0", "no version", ""])
def test_a_version_that_the_index_does_not_have_is_too_new(index: Index, tmp_path: Path, version: str):
    index.add("demo", "1.0", "2026-01-01T00:00:00Z")
    assert too_new([("demo", version)], DAY, tmp_path) == [f"demo {version} has no upload time on the index"]


def test_a_distribution_that_the_index_does_not_have_is_too_new(index: Index, tmp_path: Path):
    assert too_new([("demo", "1.0")], DAY, tmp_path) == ["demo 1.0 has no upload time on the index"]


def test_a_release_without_upload_time_is_too_new(index: Index, tmp_path: Path):
    index.add("demo", "1.0", None)
    assert too_new([("demo", "1.0")], DAY, tmp_path) == ["demo 1.0 has no upload time on the index"]


@pytest.mark.parametrize(
    "answer",
    [
        (500, "text/plain", b"broken"),
        (503, "text/plain", b"later"),
        (401, "text/plain", b"who are you"),
        (403, "text/plain", b"no"),
        (200, "text/html", b"<a href='demo-1.0.tar.gz'>demo-1.0.tar.gz</a>"),
        (200, "application/json", b""),
        (200, "application/json", b"[]"),
        (200, "application/json", b'{"files": null}'),
        (200, "application/json", b'{"files": [{"filename": "demo-1.0.tar.gz", "upload-time": "soon"}]}'),
        (200, "application/json", b"\xff\xfe"),
        (-200, "application/json", b'{"files": []'),
        (-200, "application/json", b'{"files": []}'),
    ],
)
def test_an_index_that_does_not_tell_gives_not_run_or_too_new_but_never_green(index: Index, tmp_path: Path, answer: tuple[int, str, bytes]):
    index.answers["/simple/demo/"] = answer
    try:
        assert too_new([("demo", "1.0")], DAY, tmp_path) != []
    except NotRun as reason:
        assert "nothing proves the freeze date" in str(reason)


def test_an_index_that_is_out_of_order_is_no_verdict_on_the_recipe(index: Index, tmp_path: Path):
    index.answers["/simple/demo/"] = (500, "text/plain", b"broken")
    with pytest.raises(NotRun, match="answers 500 for demo"):
        too_new([("demo", "1.0")], DAY, tmp_path)


def test_an_index_that_cannot_be_reached_gives_not_run(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PROVENV_INDEX_URL", "http://127.0.0.1:1/simple")
    with pytest.raises(NotRun, match="does not tell the upload times of demo"):
        too_new([("demo", "1.0")], DAY, tmp_path)


def test_a_time_is_asked_for_once(index: Index, tmp_path: Path):
    index.add("demo", "1.0", "2026-01-01T00:00:00Z")
    index.add("demo", "2.0", "2026-11-20T00:00:00Z")
    for _ in range(3):
        too_new([("demo", "1.0"), ("demo", "2.0")], DAY, tmp_path)
    assert index.asked == ["/simple/demo/"]


def test_a_release_that_came_later_is_asked_for(index: Index, tmp_path: Path):
    index.add("demo", "1.0", "2026-01-01T00:00:00Z")
    assert too_new([("demo", "2.0")], DAY, tmp_path) == ["demo 2.0 has no upload time on the index"]
    index.add("demo", "2.0", "2026-01-02T00:00:00Z")
    assert too_new([("demo", "2.0")], DAY, tmp_path) == []


def test_a_time_that_one_index_told_is_not_believed_of_another(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    index.add("demo", "1.0", "2026-01-01T00:00:00Z")
    assert too_new([("demo", "1.0")], DAY, tmp_path) == []
    told = b'{"files": [{"filename": "demo-1.0.tar.gz", "upload-time": "2026-11-20T00:00:00Z"}]}'
    index.answers["/other/simple/demo/"] = (200, "application/json", told)
    monkeypatch.setenv("PROVENV_INDEX_URL", index.url.replace("/simple", "/other/simple"))
    assert len(too_new([("demo", "1.0")], DAY, tmp_path)) == 1


@pytest.mark.parametrize("kept", [b"", b"{", b"[]", b"null", b'{"1.0": 5}', b'{"1.0": "2026-01-01T00:00:00"}', b"\xff"])
def test_a_kept_time_that_cannot_be_read_is_asked_for_again(index: Index, tmp_path: Path, kept: bytes):
    index.add("demo", "1.0", "2026-11-20T00:00:00Z")
    assert len(too_new([("demo", "1.0")], DAY, tmp_path)) == 1
    (file,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    file.write_bytes(kept)
    assert len(too_new([("demo", "1.0")], DAY, tmp_path)) == 1
    assert index.asked == ["/simple/demo/"] * 2


def test_an_address_with_credentials_is_asked_with_them(index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    index.add("demo", "1.0", "2026-01-01T00:00:00Z")
    monkeypatch.setenv("PROVENV_INDEX_URL", index.url.replace("//", "//robot:hunter%4022@"))
    assert too_new([("demo", "1.0")], DAY, tmp_path) == []
    assert index.authorizations == ["Basic cm9ib3Q6aHVudGVyQDIy"]


@pytest.mark.parametrize(
    "url",
    [
        "http://robot:hunter22@index.invalid/simple",
        "http://hunter22@index.invalid/simple",
        "no address",
        "http://[hunter22/simple",
        "ftp://hunter22@index.invalid",
        "http://index.invalid:hunter22/",
    ],
)
def test_an_address_that_cannot_be_used_gives_not_run_without_its_secrets(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
):
    monkeypatch.setenv("PROVENV_INDEX_URL", url)
    with pytest.raises(NotRun) as caught:
        too_new([("demo", "1.0")], DAY, tmp_path)
    assert "hunter22" not in str(caught.value)


# --- the address --------------------------------------------------------------------------------------------------------------------


def test_the_address_is_the_one_given_on_purpose(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PROVENV_INDEX_URL", "http://127.0.0.1:9/simple/")
    assert engine.address() == "http://127.0.0.1:9/simple"


def test_without_one_given_the_address_is_pip_s_own(monkeypatch: pytest.MonkeyPatch):
    public = pytest.importorskip("pip._internal.models.index").PyPI.simple_url.rstrip("/")
    for given in ("", None):
        monkeypatch.setenv("PROVENV_INDEX_URL", "") if given is not None else monkeypatch.delenv("PROVENV_INDEX_URL", raising=False)
        assert engine.address() == public


# --- whether it is there --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 404, 405, 500])
def test_an_index_that_answers_anything_is_there(index: Index, status: int):
    index.answers["/simple/pip/"] = (status, "text/plain", b"")
    engine.assert_reachable()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/simple", "http://robot:hunter22@index.invalid/simple", "http://index.invalid:hunter22/", "no address"]
)
def test_without_an_index_nothing_can_be_said(monkeypatch: pytest.MonkeyPatch, url: str):
    monkeypatch.setenv("PROVENV_INDEX_URL", url)
    with pytest.raises(NotRun, match="cannot be reached") as caught:
        engine.assert_reachable()
    assert "hunter22" not in str(caught.value)


# --- the stand-in for Poetry ----------------------------------------------------------------------------------------------------------


def test_an_index_with_the_json_api_needs_no_stand_in(index: Index):
    index.answers["/pypi/pip/24.0/json"] = (200, "application/json", b"{}")
    assert engine.json_api_stand_in() == {}


@pytest.mark.parametrize("answer", [(404, "text/plain", b""), (500, "text/plain", b""), (200, "text/html", b"<html>")])
def test_an_index_without_the_json_api_needs_a_stand_in(index: Index, answer: tuple[int, str, bytes]):
    index.answers["/pypi/pip/24.0/json"] = answer
    assert engine.json_api_stand_in() == {"POETRY_PYPI_MIRROR_URL": f"{index.url}/"}


def test_without_an_index_nothing_can_be_said_of_the_json_api(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PROVENV_INDEX_URL", "http://127.0.0.1:1/simple")
    with pytest.raises(NotRun, match="cannot be reached"):
        engine.json_api_stand_in()


# --- the real one -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.network
def test_the_index_in_use_tells_upload_times(tmp_path: Path):
    assert too_new([("pip", "24.0"), ("idna", "3.10")], DAY, tmp_path) == []
    assert too_new([("pip", "24.0")], date(2024, 1, 1), tmp_path) == [
        "pip 24.0 was uploaded on 2024-02-03, after the freeze date 2024-01-01"
    ]
