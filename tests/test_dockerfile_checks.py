"""Each check finds its bad cases, at their lines and nothing else, and is silent on their mended twins and on Dockerfiles that are right."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenv import fence
from provenv.dockerfile import read
from provenv.dockerfile.checks import CHECKS, Finding, check
from provenv.dockerfile.commands import Command, Install, commands, install
from provenv.fence import Fence

CASES = Path(__file__).parent / "cases" / "dockerfiles"
CODES = ["PVD001", "PVD002", "PVD003", "PVD004", "PVD005", "PVD006", "PVD007", "PVD008"]
RECIPES = {
    "PVD001": "stage-without-requirements",
    "PVD002": "docker-multi-stage",
    "PVD004": "docker-gpu",
    "PVD005": "copy-before-install",
    "PVD006": "compilers-left-in",
    "PVD007": "secret-in-a-layer",
    "PVD008": "docker-hardened",
}


@dataclass
class Case:
    """A section of a page of cases."""

    code: str
    title: str
    files: dict[str, str] = field(default_factory=dict)
    dockerfiles: list[Fence] = field(default_factory=list)

    def found(self, each: Fence, folder: Path) -> list[Finding]:
        for name, text in self.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        return check("\n".join(each.body), folder if self.files else None)


def cases(path: Path) -> Iterator[Case]:
    """The sections of a page, each opened by a `## ` heading."""
    text = path.read_text()
    lines = text.split("\n")
    found: list[Case] = []
    for each in fence.find(text, path):
        title = next(line[3:] for line in reversed(lines[: each.line]) if line.startswith("## "))
        if not found or found[-1].title != title:
            found.append(Case(path.stem, title))
        if each.language == "text":
            found[-1].files[each.options["file"]] = "\n".join(each.body) + "\n"
        else:
            assert each.language == "dockerfile", f"{path}:{each.line}: a fence that is neither a Dockerfile nor a file"
            found[-1].dockerfiles.append(each)
    yield from found


BAD_AND_MENDED = [case for code in CODES for case in cases(CASES / f"{code}.md")]
GOOD = list(cases(CASES / "good.md"))


def named(case: Case) -> str:
    return f"{case.code}-{case.title}"


def test_every_code_has_cases_and_every_page_is_of_a_code():
    assert {path.stem for path in CASES.iterdir()} == {*CODES, "good"}
    assert len(CHECKS) == len(CODES)


@pytest.mark.parametrize("case", BAD_AND_MENDED, ids=named)
def test_a_bad_case_is_found_at_its_line_and_its_mended_twin_is_not(case: Case, tmp_path: Path):
    bad, mended = case.dockerfiles
    found = [each for each in case.found(bad, tmp_path) if each.code != bad.options.get("also")]
    assert [(each.code, str(each.line)) for each in found] == [(case.code, line) for line in bad.options["finds"].split()]
    assert {each.recipe for each in found} == {bad.options.get("recipe") or RECIPES[case.code]}
    assert "finds" not in mended.options
    assert case.found(mended, tmp_path) == []


@pytest.mark.parametrize("case", GOOD, ids=named)
def test_nothing_is_found_in_what_is_right(case: Case, tmp_path: Path):
    assert case.dockerfiles
    for each in case.dockerfiles:
        assert case.found(each, tmp_path) == []


@pytest.mark.parametrize("case", BAD_AND_MENDED, ids=named)
@pytest.mark.parametrize("form", ["\r\n", "lower", "\ufeff"])
def test_the_form_of_the_file_changes_nothing(case: Case, form: str, tmp_path: Path):
    bad = case.dockerfiles[0]
    text = "\n".join(bad.body)
    if form == "lower":
        text = re.sub(r"(?m)^[A-Z]+ (?!install|update)", lambda match: match[0].lower(), text)
    elif form == "\r\n":
        text = text.replace("\n", "\r\n")
    else:
        text = form + text
    expected = case.found(bad, tmp_path)
    lowered = [(each.line, each.code) for each in check(text, tmp_path if case.files else None)]
    assert lowered == [(each.line, each.code) for each in expected]


@pytest.mark.parametrize("case", BAD_AND_MENDED, ids=named)
def test_a_sentence_says_what_to_do_and_names_no_secret(case: Case, tmp_path: Path):
    for each in case.found(case.dockerfiles[0], tmp_path):
        assert re.fullmatch(r"[^\n]{40,}", each.sentence) and not each.sentence.endswith(".")
        assert not re.search(r"hunter2|sk-not|correct horse", each.sentence)
        assert each.severity == {"PVD001": "error", "PVD007": "error", "PVD008": "advice"}.get(each.code, "warning")


def test_a_base_image_of_ones_own_may_hold_anything_and_run_as_anyone():
    text = "FROM {}\nWORKDIR /app\nRUN pip install -r requirements.txt\nEXPOSE 80\n"
    assert [each.code for each in check(text.format("python:3.13"))] == ["PVD001", "PVD008"]
    for base in (
        "registry.example/team/base:1",
        "python:3-onbuild",
        "bitnami/python",
        "base",
        "registry.example/python",
        "$BASE",
        "python-of-ours",
    ):
        assert check(text.format(base)) == []


@pytest.mark.parametrize("name", ["target", "dst", "destination"])
def test_a_mount_may_name_its_place_in_three_ways(name: str):
    text = "FROM python:3.13\nCOPY a /w/a.whl\nRUN --mount=type={0},{1} {2}\n"
    assert check(text.format("bind", f"{name}=/app", "pip install -r /app/requirements.txt")) == []
    assert check(text.format("cache", f"{name}=/var/lib/apt", "apt-get update")) == []
    assert check(text.format("cache", f"{name}=/w", "rm -rf /w/a.whl")) == []
    assert [each.code for each in check(text.format("cache", f"{name}=/x", "rm -rf /w/a.whl"))] == ["PVD002"]


def test_a_command_in_shell_form_is_the_argument_of_an_entrypoint_too():
    text = 'FROM python:3.13\nCOPY src/ /src/\nENTRYPOINT ["python"]\nCMD {}\n'
    assert [each.line for each in check(text.format("/app/main.py"))] == [3]
    assert check(text.format("/src/main.py")) == []


def test_what_a_command_is_told_to_fetch_to_is_known():
    for fetch in (
        "wget -O /data/a.zip X",
        "wget -P /data X",
        "curl --output /data/a X",
        "unzip -d /data X",
        "git clone X /data",
        "tar -xC /data",
    ):
        found = check(f"FROM debian:13\nRUN {fetch}\nRUN rm -rf /data\n")
        assert [each.code for each in found] == (["PVD002"] if "-xC" not in fetch else []), fetch
        assert check(f"FROM debian:13\nRUN {fetch} && rm -rf /data\n") == []


def test_requirements_that_are_fetched_are_not_those_of_the_folder(tmp_path: Path):
    (tmp_path / "requirements.txt").write_text("torch==2.9.1\n")
    for copy, codes in (("COPY requirements.txt .", ["PVD003"]), ("ADD https://x.example/requirements.txt .", [])):
        text = f"FROM python:3.13\nRUN pip install torch==2.8.0\n{copy}\nRUN pip install -r requirements.txt\n"
        assert [each.code for each in check(text, tmp_path)] == codes
        assert check(text) == []


def test_an_argument_that_no_command_sees_is_no_secret_told():
    assert check("FROM python:3.13\nRUN true\nARG API_TOKEN\n") == []
    assert [each.line for each in check("FROM python:3.13\nARG API_TOKEN\nENV A=1\nRUN true\n")] == [2]


def test_an_argument_of_the_build_decides_what_the_base_is():
    text = "ARG BASE=team/base\nFROM $BASE\nRUN pip install -r requirements.txt\n"
    assert check(text) == []
    assert [each.code for each in check(text, arguments={"BASE": "python:3.13"})] == ["PVD001"]


@pytest.mark.parametrize(
    "run",
    [
        "make requirements && pip install -r requirements.txt",
        "git clone https://code.example/x.git . && pip install -r requirements.txt",
        "pip freeze > requirements.txt; pip install -r requirements.txt",
        "uv pip compile -o requirements.txt pyproject.toml && pip install -r requirements.txt",
        "test -f requirements.txt && pip install -r requirements.txt",
        "if [ -f requirements.txt ]; then pip install -r requirements.txt; fi",
        "true || pip install -r requirements.txt",
        "for each in a b; do pip install -r $each.txt; done",
        "pip install -r https://files.example/requirements.txt",
        "pip install -r $REQUIREMENTS",
        "cd $SOMEWHERE && pip install -r requirements.txt",
        "pip install -r /dev/stdin <<< numpy",
        "pip install -r ~/requirements.txt",
        "echo 'pip install -r requirements.txt'",
        "python -c 'import x' && pip install -r requirements.txt",
        "python -m app.py",
        "pip install ./*.whl",
        "pip install git+https://code.example/x.git numpy",
        "pip uninstall -y -r requirements.txt",
        "pip wheel -w /w x && pip install /w/x-1-py3-none-any.whl",
        "python -m venv /v && python -m pip download -d . x && pip install ./x-1.tar.gz",
    ],
)
def test_what_may_have_been_made_is_not_missed(run: str):
    assert [each for each in check(f"FROM python:3.13\nWORKDIR /app\nRUN {run}\n") if each.code == "PVD001"] == []


@pytest.mark.parametrize(
    "copy",
    [
        "COPY . .",
        "COPY ./ /app",
        "COPY requirements*.txt ./",
        "COPY *.txt ./",
        "COPY deploy .",
        "COPY deploy/$WHICH ./",
        "COPY $SOURCE ./",
        "COPY a.txt $PLACE",
        "COPY --from=other /app /app",
        "COPY --from=other /app/requirements.txt .",
        "COPY --parents requirements.txt /",
        "COPY --parents deploy/requirements.txt ./",
        "ADD requirements.tar.gz /",
        "ADD https://files.example/requirements.txt ./",
        "ADD https://code.example/x.git /app",
        'COPY ["requirements.txt", "/app/"]',
        "COPY requirements.txt requirements.txt",
        "COPY deploy/prod.txt requirements.txt",
        "COPY requirements.txt /app",
        "COPY <<EOF requirements.txt\nnumpy\nEOF",
        "COPY <<requirements.txt ./\nnumpy\nrequirements.txt",
        "RUN --mount=type=cache,target=/app true",
    ],
)
def test_what_may_have_been_copied_is_not_missed(copy: str):
    text = f"FROM python:3.13\nWORKDIR /app\n{copy}\nRUN pip install -r requirements.txt\n"
    missed = [each.code for each in check(text) if each.code == "PVD001"]
    assert missed == (["PVD001"] if "mount" in copy else [])


# --- commands -------------------------------------------------------------------------------------------------------------


def run(text: str) -> list[Command]:
    (stage,) = read(f"FROM a\nRUN {text}\n").stages
    return commands(stage.instructions[0], {"R": "r.txt"})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a && b || c; d | e & f", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"]]),
        ("a 'b c' \"d $R\" e\\ f $R ${R} $X '$R'", [["a", "b c", "d r.txt", "e f", "r.txt", "r.txt", "$X", "$R"]]),
        ("A=1 B='2 3' a", [["a"]]),
        ("a > b 2>&1 >> c < d", [["a"]]),
        ("a $(b; c) `d && e`", [["a", "$(b; c)", "`d && e`"]]),
        ("(cd x && a)", [["cd", "x"], ["a"]]),
        ("sudo -E env A=1 a", [["a"]]),
        ("if a; then b; else c; fi", [["a"], ["b"], ["c"]]),
        ("a # b && c", [["a"]]),
        ("a#b", [["a#b"]]),
        ("sh -euc 'a && b'", [["a"], ["b"]]),
        ('["a", "b && c"]', [["a", "b && c"]]),
        ('["bash", "-c", "a && b"]', [["a"], ["b"]]),
        ("<<EOF\na\n# b\nc d\nEOF", [["a"], ["c", "d"]]),
        ("<<EOF\n#!/usr/bin/env python\na\nEOF", []),
        ("<<EOF\n#!/bin/bash\na\nEOF", [["a"]]),
        ("bash -e <<EOF\na\nEOF", [["bash", "-e"], ["a"]]),
        ("python <<EOF\na\nEOF", [["python"]]),
        ("cat <<EOF > x\na\nEOF", [["cat"]]),
    ],
)
def test_commands_are_told_apart(text: str, words: list[list[str]]):
    assert [list(each.words) for each in run(text)] == words


def test_what_is_written_is_told():
    assert [each.writes for each in run("a > b; c >> '$R' 2> /dev/null; d &> e; f 2>&1 > $R")] == [
        ("b",),
        ("$R", "/dev/null"),
        ("e",),
        ("r.txt",),
    ]


def test_what_hangs_on_a_condition_is_not_sure():
    assert [each.sure for each in run("a && b; test -f x && c; d")] == [True, True, True, False, False]
    assert [each.sure for each in run("a || b; c")] == [True, False, False]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("pip install a 'b>=2'", Install("pip", "install", names=("a", "b>=2"))),
        ("/venv/bin/pip3.13 install -r a -rb --requirement=c", Install("pip", "install", files=("a", "b", "c"))),
        ("python3 -m pip --no-input install .", Install("pip", "install", paths=(".",), options=(("--no-input", ""),))),
        ("pip --python /v/bin/python install a", Install("pip", "install", names=("a",), options=(("--python", "/v/bin/python"),))),
        ("pip install -e .[a] ./b c-1-py3-none-any.whl", Install("pip", "install", paths=(".[a]", "./b", "c-1-py3-none-any.whl"))),
        (
            "pip install -i x --extra-index-url=y a",
            Install("pip", "install", names=("a",), options=(("-i", "x"), ("--extra-index-url", "y"))),
        ),
        ("uv pip install --torch-backend cpu a", Install("uv pip", "install", names=("a",), options=(("--torch-backend", "cpu"),))),
        ("uv pip sync a b", Install("uv pip", "sync", files=("a", "b"))),
        ("pip-sync a", Install("pip", "sync", files=("a",))),
        ("python3 -m uv sync", Install("uv sync", "sync")),
        ("uv sync --locked", Install("uv sync", "sync", options=(("--locked", ""),))),
        ("uv run a", None),
        ("pip list", None),
        ("npm install a", None),
        ("echo pip install a", None),
        ("pip", None),
    ],
)
def test_installations_are_read(text: str, asked: Install | None):
    assert install(run(text)[0]) == asked


def test_where_packages_come_from_is_read():
    asked = install(run("pip install -U -i x --find-links y a")[0])
    assert asked and asked.indexes == ["x", "y"] and asked.again


# --- any text -------------------------------------------------------------------------------------------------------------

LINES = st.sampled_from(
    sorted(
        {line for case in [*BAD_AND_MENDED, *GOOD] for each in case.dockerfiles for line in each.body}
        | {
            "FROM",
            "COPY",
            "COPY a",
            "WORKDIR",
            "USER",
            "ENV",
            "ARG",
            "CMD",
            "ENTRYPOINT []",
            "CMD []",
            "RUN",
            "RUN [",
            "RUN cd",
            "VOLUME",
            "EXPOSE",
        }
        | {
            "RUN rm -rf / /* . .. ''",
            "RUN --mount true",
            "RUN --mount=type=bind,from=9 true",
            "COPY --from= a b",
            "WORKDIR ''",
            'COPY ["a"]',
        }
        | {"RUN pip install '' -r '' -e ''", "RUN uv sync --project", "RUN python", "ENV =", "ENV a", "RUN '", 'RUN "$(', "ADD <<E /"}
    )
)


@given(st.one_of(st.text(), st.lists(LINES, max_size=12).map("\n".join), st.text(alphabet="RUNCOPY FM\n\"'$({[<>|&;`\\#=-/.")))
def test_no_text_is_too_odd(text: str):
    lines = text.count("\n") + 1
    for each in check(text):
        assert 1 <= each.line <= lines
        assert each.code in CODES
    assert check(text) == check(text)


def test_a_large_file_is_checked_in_a_moment():
    text = "FROM python:3.13\n" + "COPY a.txt /x/\nRUN pip install -r /x/a.txt && rm -rf /y\n" * 1000
    stages = "FROM python:3.13 AS s0\n" + "".join(f"FROM s{number} AS s{number + 1}\nRUN true\n" for number in range(300))
    begun = time.monotonic()
    assert check(text) == check(stages) == []
    assert time.monotonic() - begun < 10
