"""A Dockerfile is read as its builder reads it, whatever the text."""

import inspect
import time
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenv.dockerfile import Images, Instruction, read
from provenv.dockerfile.words import replaced, split, unquoted


def dedented(text: str) -> str:
    return inspect.cleandoc(text) + "\n"


def instructions(text: str) -> list[Instruction]:
    """Those of the only stage of a text without its FROM."""
    (stage,) = read("FROM scratch\n" + dedented(text)).stages
    return list(stage.instructions)


def texts(text: str) -> list[str]:
    return [each.text for each in instructions(text)]


# --- directives -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "directives"),
    [
        ("FROM a", {}),
        ("# syntax=docker/dockerfile:1\nFROM a", {"syntax": "docker/dockerfile:1"}),
        ("#syntax = docker/dockerfile:1  \nFROM a", {"syntax": "docker/dockerfile:1"}),
        ("#\t dIrEcTiVe=value\n# escape=`\nFROM a", {}),
        ("# SYNTAX=a\n# escape=`\n# check=skip=JSONArgsRecommended;error=true\nFROM a", None),
        ("# syntax=a b\nFROM a", {"syntax": "a"}),
        ("# about this=file\n# syntax=a\nFROM a", {}),
        ("# unknown=1\n# syntax=a\nFROM a", {}),
        ("\n# syntax=a\nFROM a", {}),
        ("# a comment\n# syntax=a\nFROM a", {}),
        ("FROM a\n# syntax=a", {}),
        ("# syntax=\nFROM a", {}),
        ("# syntax=a\n# syntax=b\nFROM a", {"syntax": "a"}),
        ("\ufeff# syntax=a\nFROM a", {"syntax": "a"}),
        ("# syntax=a\r\nFROM a\r\n", {"syntax": "a"}),
        ("#!/usr/bin/env -S docker build -f\n# syntax=a\nFROM a", {"syntax": "a"}),
    ],
)
def test_directives_stand_at_the_top_and_are_known_ones(text: str, directives: dict[str, str] | None):
    several = {"syntax": "a", "escape": "`", "check": "skip=JSONArgsRecommended;error=true"}
    assert read(text).directives == (several if directives is None else directives)
    assert [stage.base for stage in read(text).stages] == ["a"]


def test_the_escape_directive_changes_what_continues_a_line():
    file = read("# escape=`\nFROM a\nCOPY x C:\\\nRUN one `\n  two\nENV A=C:\\\nRUN three\n")
    assert [each.text for each in file.stages[0].instructions] == ["x C:\\", "one   two", "A=C:\\", "three"]
    assert file.stages[0].instructions[0].words == ["x", "C:\\"]


def test_an_escape_that_docker_refuses_changes_nothing():
    assert read("# escape=x\nFROM a\nRUN a \\\n b\n").stages[0].instructions[0].text == "a  b"


# --- instructions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("RUN one \\\n    two", ["one     two"]),
        ("RUN pyth\\\non", ["python"]),
        ("RUN one \\\n  # a comment\n  two", ["one   two"]),
        ("RUN one \\\n\n  two", ["one   two"]),
        ("RUN one \\\n# two \\\nthree", ["one three"]),
        ("RUN one \\  \t\n two", ["one  two"]),
        ("RUN one \\\\\nRUN two", ["one \\\\", "two"]),
        ("RUN one # no comment", ["one # no comment"]),
        ("RUN echo \\# two", ["echo \\# two"]),
        ("\\\nRUN one", ["one"]),
        ("RUN \\\n one", ["one"]),
        ("RUN one \\", ["one"]),
        ("RUN one \\\n# the end", ["one"]),
        ("RUN\tone", ["one"]),
        ("  RUN one  ", ["one"]),
        ("# a comment \\\nRUN one", ["one"]),
        ("RUN", [""]),
        ("RUN one\fof two\vthree\u2028four\x85five", ["one\fof two\vthree\u2028four\x85five"]),
    ],
)
def test_lines_are_joined_as_the_builder_joins_them(text: str, read_as: list[str]):
    assert [each.text for each in read(f"FROM scratch\n{text}\n").stages[0].instructions] == read_as


def test_names_are_in_capitals_however_they_are_written():
    file = read("from a as Builder\nrun one\nCopy --from=BUILDER x y\n")
    assert [each.name for each in file.stages[0].instructions] == ["RUN", "COPY"]
    assert (file.stages[0].base, file.stages[0].name) == ("a", "builder")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_are_counted_from_one_whatever_ends_them(end: str):
    text = end.join(
        ["# syntax=a", "", "FROM a", "RUN one \\", "  # why", "  two", "COPY <<E /e", "RUN no", "E", "", "RUN x\x0cy", "FROM b", "RUN z"]
    )
    first, second = read(text).stages
    assert [(each.name, each.line) for each in first.instructions] == [("RUN", 4), ("COPY", 7), ("RUN", 11)]
    assert (first.line, second.line, second.instructions[0].line) == (3, 12, 13)
    assert first.instructions[1].heredocs == ("RUN no",)


@pytest.mark.parametrize(
    ("text", "flags", "rest"),
    [
        ("COPY --from=a b c", [("from", "a")], "b c"),
        ("COPY --link --chown=1:1 b c", [("link", ""), ("chown", "1:1")], "b c"),
        ('COPY --from="a" b c', [("from", "a")], "b c"),
        ("COPY --from='a' b c", [("from", "a")], "b c"),
        ("COPY --from=a \\\n  --chmod=755 b c", [("from", "a"), ("chmod", "755")], "b c"),
        ("ADD --keep-git-dir=true a b", [("keep-git-dir", "true")], "a b"),
        ("RUN --network=none pip install --no-index x", [("network", "none")], "pip install --no-index x"),
        ("RUN -- --x", [], "--x"),
        ("COPY --exclude=*.md --exclude=*.txt a b", [("exclude", "*.md"), ("exclude", "*.txt")], "a b"),
        ("HEALTHCHECK --interval=5m CMD true", [("interval", "5m")], "CMD true"),
        ('RUN --mount=type=secret,"id=a b" one', [("mount", "type=secret,id=a b")], "one"),
        ("RUN --mount=type=cache,target=/x", [("mount", "type=cache,target=/x")], ""),
    ],
)
def test_flags_are_read_before_the_text(text: str, flags: list[tuple[str, str]], rest: str):
    (each,) = instructions(text)
    assert (list(each.flags), each.text) == (flags, rest)


def test_a_flag_gives_its_last_value_or_none():
    (each,) = instructions("COPY --from=a --from=b x y")
    assert (each.flag("from"), each.flag("chown")) == ("b", None)


def test_mounts_are_read_as_fields():
    (each,) = instructions("RUN --mount=type=bind,from=b,Source=/w,target=/w --mount=type=cache,target=/c,readonly true")
    assert each.mounts == [
        {"type": "bind", "from": "b", "source": "/w", "target": "/w"},
        {"type": "cache", "target": "/c", "readonly": ""},
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('COPY ["a b", "c d"]', ["a b", "c d"]),
        ('COPY --from=x ["a b", "c"]', ["a b", "c"]),
        ('CMD ["python", "-c", "print(\\"x\\")"]', ["python", "-c", 'print("x")']),
        ("CMD ['a', 'b']", ["[a,", "b]"]),
        ("CMD [1, 2]", ["[1,", "2]"]),
        ("RUN [ -f x ]", ["[", "-f", "x", "]"]),
        ('COPY "a b" c', ["a b", "c"]),
        ("COPY a\\ b $c", ["a b", "$c"]),
        ("COPY " + "[" * 100_000, ["[" * 100_000]),
    ],
)
def test_words_are_those_of_the_json_form_or_of_the_text(text: str, words: list[str]):
    (each,) = instructions(text)
    assert each.words == words


# --- heredocs -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "bodies"),
    [
        (["RUN <<EOF", "one", "FROM b", "EOF"], ["one\nFROM b"]),
        (["RUN <<-EOF", "\tone", "\t\tEOF"], ["one"]),
        (["RUN <<EOF", "one", "\tEOF", "EOF"], ["one\n\tEOF"]),
        (["RUN <<'EOF'", "$x \\", "# kept", "", "EOF"], ["$x \\\n# kept\n"]),
        (['RUN <<"E-O F"', "one", "E-O F"], ["one"]),
        (["RUN << EOF", "one", "EOF"], ["one"]),
        (["RUN python 3<<EOF", "one", "EOF"], ["one"]),
        (["RUN <<A cat >a && <<B cat >b", "one", "A", "two", "B"], ["one", "two"]),
        (["COPY <<a.txt <<b.txt /to/", "one", "a.txt", "two", "b.txt"], ["one", "two"]),
        (["ADD <<EOF /to", "EOF"], [""]),
        (["ONBUILD RUN <<EOF", "one", "EOF"], ["one"]),
        (["RUN \\", "  <<EOF", "one", "EOF"], ["one"]),
        (["RUN <<EOF cat \\", " > a", "one", "EOF"], ["one"]),
        (['RUN echo "<<EOF"'], []),
        (["RUN cat <<<EOF"], []),
        (["RUN echo $((1<<2))"], []),
        (["RUN x <<"], []),
        (["LABEL a=<<EOF"], []),
        (["CMD <<EOF"], []),
        (['RUN ["a", "<<EOF"]'], []),
        (["ENV A <<EOF"], []),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_heredocs_end_at_their_word(lines: list[str], bodies: list[str], end: str):
    (stage,) = read(end.join(["FROM a", *lines, "RUN after"])).stages
    each, after = stage.instructions
    assert list(each.heredocs) == bodies
    assert (after.text, after.line) == ("after", len(lines) + 2)


def test_a_heredoc_that_nothing_ends_takes_the_rest():
    (each,) = instructions("RUN <<EOF\none\nRUN two")
    assert each.heredocs == ("one\nRUN two\n",)


# --- words and variables --------------------------------------------------------------------------------------------------

VALUES = {"a": "one", "empty": "", "path": "x/y/x/z.tar.gz"}


@pytest.mark.parametrize(
    ("word", "result"),
    [
        ("$a", "one"),
        ("${a}", "one"),
        ("x$a-y", "xone-y"),
        ("$none", ""),
        ("${none}", ""),
        ("${none:-two}", "two"),
        ("${none-two}", "two"),
        ("${empty:-two}", "two"),
        ("${empty-two}", ""),
        ("${a:-two}", "one"),
        ("${a:+two}", "two"),
        ("${none:+two}", ""),
        ("${empty:+two}", ""),
        ("${empty+two}", "two"),
        ("${none:-${a}}", "one"),
        ("${none:-${other:-$a-slim}}", "one-slim"),
        ("${none:-'a}'}", "a}"),
        ("${a:?said}", "one"),
        ("${path#*/}", "y/x/z.tar.gz"),
        ("${path##*/}", "z.tar.gz"),
        ("${path%.*}", "x/y/x/z.tar"),
        ("${path%%.*}", "x/y/x/z"),
        ("${path%no}", "x/y/x/z.tar.gz"),
        ("${path/x/w}", "w/y/x/z.tar.gz"),
        ("${path//x/w}", "w/y/w/z.tar.gz"),
        ("${a/o?e}", ""),
        ('"$a"', "one"),
        ("'$a'", "$a"),
        ("\\$a", "$a"),
        ('"\\$a\\n"', "$a\\n"),
        ("'$a'\"$a\"$a", "$aoneone"),
        ("a'b", "ab"),
        ('a"b', "ab"),
        ("a\\", "a"),
        ("$", "$"),
        ("$-", "$-"),
        ("${", "${"),
        ("${a", "${a"),
        ("${}", "${}"),
        ("$(date)", "$(date)"),
    ],
)
def test_variables_are_replaced_and_quotes_taken_away(word: str, result: str):
    assert replaced(word, VALUES) == result


def test_the_other_escape_leaves_backslashes_alone():
    assert replaced("C:\\x`$a", VALUES, "`") == "C:\\x$a"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a  b", ["a", "b"]),
        ("a='b c' d", ["a='b c'", "d"]),
        ('"a\\" b" c', ['"a\\" b"', "c"]),
        ("a\\ b", ["a\\ b"]),
        ("<< E x", ["<< E", "x"]),
    ],
)
def test_a_text_is_split_at_blanks_outside_of_quotes(text: str, words: list[str]):
    assert split(text) == words


@given(st.text(alphabet="ab $\"'\\`{}:-+/#%<", max_size=60), st.sampled_from(["\\", "`"]))
def test_no_word_is_too_odd(text: str, escape: str):
    assert "".join("".join(split(text, escape)).split()) == "".join(text.split())
    assert isinstance(unquoted(text, escape), str)
    assert isinstance(replaced(text, {"a": "b"}, escape), str)


def test_variables_nested_without_end_do_no_harm():
    assert isinstance(replaced("${a:-" * 100_000, {}), str)


# --- FROM and its arguments -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "arguments", "base"),
    [
        ("FROM python:3.13-slim", {}, "python:3.13-slim"),
        ("FROM --platform=$BUILDPLATFORM python:3.13", {}, "python:3.13"),
        ("FROM --platform=linux/amd64 python:3.13 AS x", {}, "python:3.13"),
        ('FROM "python:3.13"', {}, "python:3.13"),
        ("FROM pyth\\\non:3.13", {}, "python:3.13"),
        ("FROM\tpython:3.13\tAS\tx", {}, "python:3.13"),
        ("\ufeffFROM python", {}, "python"),
        ("ARG V=3.13\nFROM python:$V", {}, "python:3.13"),
        ("ARG V=3.13\nFROM python:${V}-slim", {"V": "3.11"}, "python:3.11-slim"),
        ("ARG V\nFROM python:${V:-3.13}", {}, "python:3.13"),
        ("ARG V\nFROM python:$V", {"V": "3.11"}, "python:3.11"),
        ("FROM python:${V:-3.13}", {"V": "3.11"}, "python:3.13"),
        ('ARG B="python:3.13"\nFROM $B', {}, "python:3.13"),
        ("ARG B='python:3.13'\nFROM $B", {}, "python:3.13"),
        ("ARG R=a/ V=3.13\nFROM ${R}python:$V", {}, "a/python:3.13"),
        ("ARG V=3.13\nARG B=python:$V\nFROM $B", {"V": "3.11"}, "python:3.11"),
        ("ARG V=3.13\nARG V\nFROM python:$V", {}, "python:3.13"),
        ('ARG NOTE="a b" V=3.13\nFROM python:$V', {}, "python:3.13"),
        ("ARG V=3.13\nFROM python:$V\nARG V=3.11", {}, "python:3.13"),
        ("FROM", {}, ""),
    ],
)
def test_a_base_is_known_by_its_arguments(text: str, arguments: Mapping[str, str], base: str):
    assert read(text, arguments).stages[0].base == base


def test_an_argument_of_a_stage_changes_no_later_base():
    file = read("ARG V=3.13\nFROM a:$V\nARG V=3.11\nFROM b:$V\n")
    assert [stage.base for stage in file.stages] == ["a:3.13", "b:3.13"]


@pytest.mark.parametrize(("machine", "architecture"), [("x86_64", "amd64"), ("aarch64", "arm64"), ("arm64", "arm64"), ("AMD64", "amd64")])
def test_the_builder_gives_the_platform(machine: str, architecture: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("platform.machine", lambda: machine)
    text = "FROM python AS base-amd64\nFROM debian AS base-arm64\nFROM base-${TARGETARCH}\n"
    base = read(text).stages[2].base
    assert base == f"base-{architecture}"
    assert read(text).images() == Images(("python" if architecture == "amd64" else "debian",), ())
    assert read("ARG TARGETARCH=x\nFROM base-$TARGETARCH", {"TARGETARCH": "s390x"}).stages[0].base == "base-s390x"
    assert read("ARG TARGETARCH\nFROM base-$TARGETARCH").stages[0].base == f"base-{architecture}"


# --- stages and images ----------------------------------------------------------------------------------------------------

STAGES = dedented("""
    FROM python:3.13 AS Base
    FROM base AS wheels
    COPY --from=ghcr.io/astral-sh/uv:0.9 /uv /bin/
    FROM debian AS unused
    RUN --mount=type=bind,from=alpine,target=/x true
    FROM python:3.13-slim AS last
    COPY --from=Wheels /w /w
    RUN --mount=from=1,target=/y --mount=type=cache,target=/z true
""")


@pytest.mark.parametrize(
    ("target", "bases", "sources"),
    [
        ("", {"python:3.13-slim", "python:3.13"}, {"ghcr.io/astral-sh/uv:0.9"}),
        ("last", {"python:3.13-slim", "python:3.13"}, {"ghcr.io/astral-sh/uv:0.9"}),
        ("LAST", {"python:3.13-slim", "python:3.13"}, {"ghcr.io/astral-sh/uv:0.9"}),
        ("base", {"python:3.13"}, set()),
        ("0", {"python:3.13"}, set()),
        ("unused", {"debian"}, {"alpine"}),
        ("nowhere", set(), set()),
        ("9", set(), set()),
        ("²", set(), set()),
        ("1" * 10_000, set(), set()),
    ],
)
def test_only_what_a_target_reaches_is_needed(target: str, bases: set[str], sources: set[str]):
    images = read(STAGES).images(target)
    assert (set(images.bases), set(images.sources)) == (bases, sources)
    assert len(images.bases) == len(bases)


@pytest.mark.parametrize(
    ("text", "images"),
    [
        ("FROM scratch\nCOPY --from=a x y", Images((), ("a",))),
        ("FROM python AS python", Images(("python",), ())),
        ("FROM a AS x\nFROM x AS x", Images(("a",), ())),
        ("FROM a AS x\nFROM b AS x\nFROM x", Images(("b",), ())),
        ("FROM a AS x\nFROM 0", Images(("0",), ())),
        ("FROM a AS x\nFROM b\nCOPY --from=0 c d", Images(("b", "a"), ())),
        ("FROM a\nCOPY --from=later c d\nFROM b AS later", Images(("b",), ())),
        ("FROM a AS later\nCOPY --from=later c d", Images(("a",), ("later",))),
        ("FROM b\nCOPY --from=1 c d", Images(("b",), ("1",))),
        ("FROM b\nADD --from=x c d\nCOPY --mount=from=y c d", Images(("b",), ())),
        ("FROM", Images((), ())),
        ("ARG B\nFROM $B", Images((), ())),
        ("", Images((), ())),
        ("no dockerfile at all", Images((), ())),
        ("RUN before\nARG A=1", Images((), ())),
    ],
)
def test_names_mean_earlier_stages_or_images(text: str, images: Images):
    assert read(text).images() == images


@pytest.mark.parametrize("text", ["FROM a AS", "FROM a b", "FROM a AS b c", "FROM a FOR b"])
def test_what_is_no_stage_name_gives_none(text: str):
    assert read(text).stages[0].name == ""


# --- any text -------------------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *["FROM ", "AS ", "RUN ", "COPY ", "ARG ", "ENV ", "ONBUILD ", "--from=", "--mount=", "type=bind,from=", "# escape=`", "# syntax="],
        *[
            "<<E",
            "<<-'E'",
            "E",
            "\n",
            "\r\n",
            "\\",
            "`",
            '"',
            "'",
            "[",
            "]",
            "$",
            "${",
            "}",
            ":-",
            "=",
            ",",
            " ",
            "\t",
            "#",
            "\ufeff",
            "a",
            "0",
            "²",
        ],
    ]
)


@given(
    st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join)), st.dictionaries(st.text(max_size=3), st.text(max_size=5), max_size=2)
)
def test_any_text_is_read(text: str, arguments: dict[str, str]):
    file = read(text, arguments)
    lines = text.split("\n")
    last = 0
    for stage in file.stages:
        for each in [stage, *stage.instructions]:
            assert last < each.line <= len(lines)
            last = each.line
        for each in stage.instructions:
            written = lines[each.line - 1].removeprefix("\ufeff" if each.line == 1 else "").strip().upper()
            assert written.startswith((each.name[:1], "\\", "`"))
            assert isinstance(each.words, list) and isinstance(each.mounts, list)
    for target in ("", "0", "a", text):
        assert "" not in file.images(target).bases


NAMES = st.from_regex(r"[a-z][a-z0-9_.-]{0,8}", fullmatch=True)
PLAIN = st.from_regex(r"[a-z0-9./:_=-]{0,3}[a-z]", fullmatch=True).filter(lambda word: not word.startswith("-"))


@st.composite
def written(draw: st.DrawFn) -> tuple[str, list[tuple[str, str, int]], list[tuple[str, tuple[str, ...], int]]]:
    """A Dockerfile, its stages (base, name, line), and its instructions (name, the words and heredocs, line)."""
    escape = draw(st.sampled_from(["\\", "`"]))
    lines = ["# escape=`"] if escape == "`" else []
    stages: list[tuple[str, str, int]] = []
    found: list[tuple[str, tuple[str, ...], int]] = []
    filler = st.lists(st.sampled_from(["", "# a comment", "  # RUN no", "\t"]), max_size=2)
    for _ in range(draw(st.integers(1, 4))):
        lines += draw(filler)
        base, name = draw(PLAIN), draw(st.one_of(st.just(""), NAMES))
        stages.append((base, name, len(lines) + 1))
        keyword, between = draw(st.sampled_from(["FROM", "from", "From"])), draw(st.sampled_from([" ", "\t", "  "]))
        lines.append(f"{keyword}{between}{base}" + (f" AS {name.title()}" if name else ""))
        for _ in range(draw(st.integers(0, 4))):
            lines += draw(filler)
            kind, words = draw(st.sampled_from(["RUN", "COPY", "copy", "env"])), draw(st.lists(PLAIN, min_size=1, max_size=4))
            bodies = (
                draw(st.lists(st.lists(st.sampled_from(["one", "FROM x", "# y", "", "z \\"]), max_size=3), max_size=2))
                if kind != "env"
                else []
            )
            found.append((kind.upper(), (*words, *("\n".join(body) for body in bodies)), len(lines) + 1))
            text = [kind, *words, *(f"<<END{number}" for number in range(len(bodies)))]
            broken = draw(st.lists(st.booleans(), min_size=len(text), max_size=len(text)))
            line = ""
            for word, breaks in zip(text, broken, strict=True):
                line += word + " "
                if breaks:
                    lines += [line + escape, *draw(filler)]
                    line = "  "
            lines.append(line + ".")
            for number, body in enumerate(bodies):
                lines += [*body, f"END{number}"]
    return draw(st.sampled_from(["\n", "\r\n"])).join(lines), stages, found


@given(written())
def test_what_was_written_is_read_back(
    made: tuple[str, list[tuple[str, str, int]], list[tuple[str, tuple[str, ...], int]]],
):
    text, stages, found = made
    file = read(text)
    assert [(stage.base, stage.name, stage.line) for stage in file.stages] == stages
    seen = [each for stage in file.stages for each in stage.instructions]
    assert [
        (each.name, (*(word for word in each.words[:-1] if not word.startswith("<<")), *each.heredocs), each.line) for each in seen
    ] == found


def test_a_large_file_is_read_in_a_moment():
    text = "FROM a\n" + "RUN one \\\n  two\n" * 20_000 + "RUN <<EOF\n" + "x\n" * 20_000
    begun = time.monotonic()
    assert len(read(text).stages[0].instructions) == 20_001
    assert time.monotonic() - begun < 5
