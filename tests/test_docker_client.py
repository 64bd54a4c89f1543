"""How the scenario's `docker` reads a command line; what it does with it on an engine is in tests/container."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenv.docker_build import _compose_options, _familiar, _options
from provenv.docker_client import _subcommand


@pytest.mark.parametrize(
    ("words", "at"),
    [
        (["build", "."], 0),
        (["--debug", "build", "."], 1),
        (["--host", "unix:///x", "build", "."], 2),
        (["--host=unix:///x", "build"], 1),
        (["-c", "mine", "-l", "debug", "run", "x"], 4),
        ([], 0),
        (["--version"], 1),
    ],
)
def test_the_subcommand_is_found_behind_the_engines_own_options(words: list[str], at: int):
    assert _subcommand(words) == at


@pytest.mark.parametrize(
    ("line", "tags", "file", "target", "place"),
    [
        ("-t app .", ["app"], "", "", "."),
        ("--tag app --tag app:2 sub", ["app", "app:2"], "", "", "sub"),
        ("-tapp -fother.Dockerfile .", ["app"], "other.Dockerfile", "", "."),
        ("--tag=app --file=x/Dockerfile --target=build .", ["app"], "x/Dockerfile", "build", "."),
        ("-q --no-cache --pull -t app -", ["app"], "", "", "-"),
        ("-t app -f - .", ["app"], "-", "", "."),
        (". -t app", ["app"], "", "", "."),
        ("--output out --secret id=a,src=b --platform linux/arm64 -t app .", ["app"], "", "", "."),
    ],
)
def test_the_options_of_a_build_are_read(line: str, tags: list[str], file: str, target: str, place: str):
    build = _options(line.split())
    assert (build.tags, build.file, build.target, build.place) == (tags, file, target, place)


def test_arguments_and_contexts_of_a_build_are_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FROM_OUTSIDE", "3.12")
    words = [
        "--build-arg",
        "PYTHON=3.13",
        "--build-arg=EMPTY=",
        "--build-arg",
        "FROM_OUTSIDE",
        "--build-context",
        "base=docker-image://x",
        ".",
    ]
    build = _options(words)
    assert build.arguments == {"PYTHON": "3.13", "EMPTY": "", "FROM_OUTSIDE": "3.12"}
    assert build.contexts == {"base"}


@given(st.lists(st.text(max_size=8), max_size=8))
def test_no_command_line_is_too_odd_to_read(words: list[str]):
    assert _subcommand(words) <= len(words) + 1
    _options(words)
    options, rest = _compose_options(words)
    assert len(rest) <= len(words)
    assert all(name.startswith("-") for name, _ in options)


@pytest.mark.parametrize(
    ("name", "familiar"),
    [
        ("python:3.13-slim", "python:3.13-slim"),
        ("docker.io/library/python:3.13-slim", "python:3.13-slim"),
        ("library/debian", "debian"),
        ("debian:latest", "debian"),
        ("ghcr.io/astral-sh/uv:0.13.8", "ghcr.io/astral-sh/uv:0.13.8"),
    ],
)
def test_an_image_is_looked_up_as_buildkit_does(name: str, familiar: str):
    assert _familiar(name) == familiar


def test_the_options_of_compose_end_at_its_subcommand():
    options, rest = _compose_options(["--dry-run", "-f", "a.yaml", "--profile=x", "up", "-d", "--wait"])
    assert options == [("--dry-run", ""), ("-f", "a.yaml"), ("--profile=x", "")]
    assert rest == ["up", "-d", "--wait"]
