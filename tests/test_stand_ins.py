"""Which images are stood in for, and by what; making them is in tests/container."""

import pytest

from provenv import stand_ins


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("debian:bookworm-slim", "Debian bookworm, made with mmdebstrap"),
        ("debian:13", "Debian trixie, made with mmdebstrap"),
        ("docker.io/library/debian:trixie-slim", "Debian trixie, made with mmdebstrap"),
        ("python:3.11-slim", "Debian bookworm with its own CPython 3.11"),
        ("python:3.13-slim-trixie", "Debian trixie with its own CPython 3.13"),
        ("python:3.14-slim", "Debian sid with its own CPython 3.14"),
        ("python:3.13-slim@sha256:" + "0" * 64, "Debian trixie with its own CPython 3.13"),
        ("nvidia/cuda:12.8.1-base-ubuntu24.04", "no driver, no GPU"),
        ("ghcr.io/astral-sh/uv:0.13.8", "the programs of PyPI's uv 0.13.8"),
    ],
)
def test_an_image_has_a_stand_in_that_says_what_it_is(name: str, said: str):
    found = stand_ins.of(name)
    assert found is not None
    assert said in found.sentence
    assert found.image.startswith("provenv-stand-in/")


@pytest.mark.parametrize(
    "name", ["python:3.12-slim", "python:latest", "python:3.13-alpine", "debian:buster", "ubuntu:24.04", "scratch", "", "uv"]
)
def test_another_image_has_none(name: str):
    assert stand_ins.of(name) is None


def test_a_stand_in_is_another_when_what_it_is_made_from_is():
    names = ["debian:trixie-slim", "debian:bookworm-slim", "python:3.13-slim", "python:3.14-slim", "ghcr.io/astral-sh/uv:0.13.8"]
    first, second = ([found.content for found in map(stand_ins.of, names) if found] for _ in range(2))
    assert len(set(first)) == len(names)
    assert first == second


def test_a_stand_in_stands_on_a_debian():
    found = stand_ins.of("nvidia/cuda:12.8.1-base-ubuntu24.04")
    assert found is not None
    assert found.root.name == "debian:bookworm-slim"
