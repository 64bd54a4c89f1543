"""The error finder: each trap is found by what it prints, ugly pastes too, and what is not known stays unknown."""

import json
import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis.strategies import DataObject, data, from_regex, sampled_from

from conftest import Place, matter, step
from provenv import project
from provenv.errors import BadInput
from provenv.explain import Answer, Index, Signature, known
from provenv.explain.paste import Paste, clean, compact
from provenv.explain.pattern import NAME, Pattern
from provenv.recipe import Recipe

ROOT = Path(__file__).parents[1]
RECIPES = project.find(ROOT).recipes
INDEX = known.index(RECIPES)
SILENT = {
    "compile-leaks-the-index-address",
    "copy-before-install",
    "python-too-new-walks-back",
    "second-tensorflow",
    "shell-form-signals",
    "torch-brings-cuda",
    "torchvision-replaces-torch",
}
"""Traps that print no error: what they do is seen in a plan, in a file, or in seconds."""
TRAPS = [each for each in RECIPES if each.matter.id and each.slug not in SILENT]


def recipes_of(paste: str) -> list[str]:
    return [found.answer.recipe or found.answer.title for found in INDEX.explain(paste)]


def printed(trap: Recipe) -> str:
    """What the broken scenario of a trap prints, as a person would paste it."""
    steps = [step for scenario in trap.scenarios if scenario.name == "broken" for step in scenario.steps]
    return "\n".join(line.replace("[..]", "x") for step in steps for command in step.commands for line in command.expected)


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.slug)
def test_a_trap_is_found_by_what_it_prints(trap: Recipe):
    assert trap.slug in recipes_of(printed(trap))[:3]


NUMPY = "ValueError: numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, got 88 from PyObject"
LANGCHAIN = "ModuleNotFoundError: No module named 'langchain.chains'"


@pytest.mark.parametrize(
    ("paste", "recipe"),
    [
        (NUMPY, "numpy-dtype-size-changed"),
        (f"\x1b[31m{NUMPY[:40]}\x1b[0m{NUMPY[40:]}", "numpy-dtype-size-changed"),
        (
            "\n".join(f"#12 3.{number} {NUMPY[at : at + 20]}" for number, at in enumerate(range(0, len(NUMPY), 20))),
            "numpy-dtype-size-changed",
        ),
        ("\n".join(f"2026-11-25T01:02:03.004Z {line}" for line in ("boom", NUMPY)), "numpy-dtype-size-changed"),
        (f"> {NUMPY}", "numpy-dtype-size-changed"),
        (f"│ {NUMPY} │", "numpy-dtype-size-changed"),
        (NUMPY[12:90], "numpy-dtype-size-changed"),
        (NUMPY.replace(" ", "\n"), "numpy-dtype-size-changed"),
        (f"{LANGCHAIN} | exit 1", "langchain-v1-removed-modules"),
        (LANGCHAIN.replace("'", "`"), "langchain-v1-removed-modules"),
        ("api-1  | " + LANGCHAIN, "langchain-v1-removed-modules"),
        ("error: externally-managed-environment", "externally-managed-image"),
    ],
)
def test_ugly_pastes_are_found_too(paste: str, recipe: str):
    assert recipes_of(paste)[0] == recipe


@pytest.mark.parametrize(
    "paste",
    [
        "",
        "KeyError: 'price'",
        "ModuleNotFoundError: No module named 'mypackage'",
        "ModuleNotFoundError: No module named 'langchain_of_ours'",
        "ImportError: cannot import name 'train' from 'model' (/home/you/model.py)",
        "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 23.65 GiB of which 1.2 GiB is free.",
        "CONFLICT (content): Merge conflict in src/app.py\nAutomatic merge failed; fix conflicts and then commit the result.",
        "npm ERR! code ERESOLVE\nnpm ERR! ERESOLVE unable to resolve dependency tree",
        "AttributeError: 'NoneType' object has no attribute 'shape'",
        "ConnectionRefusedError: [Errno 111] Connection refused",
        "SyntaxError: invalid syntax",
    ],
)
def test_what_is_not_known_stays_unknown(paste: str):
    assert recipes_of(paste) == []


def test_two_errors_at_once_are_both_told():
    assert {"numpy-dtype-size-changed", "langchain-v1-removed-modules"} <= set(recipes_of(f"{NUMPY}\n\n{LANGCHAIN}"))


def test_causes_that_share_a_text_are_told_apart_by_what_stands_around_it():
    text = "ERROR: Could not find a version that satisfies the requirement torch==2.13.0 (from versions: none)\nERROR: No matching distribution found for torch==2.13.0"
    assert recipes_of(f"FROM python:3.13-alpine\n{text}")[0] == "musl-wheels"
    assert "torch-pin-too-old" in recipes_of(text)


def test_a_long_paste_is_answered_at_once():
    lines = Path(__file__).read_text().splitlines()
    paste = "\n".join(random.Random(1).choices(lines, k=200))
    begun = time.process_time()
    for _ in range(5):
        INDEX.explain(paste)
    assert (time.process_time() - begun) / 5 < 1  # the figure itself is measured in benchmarks; this only finds what is out of hand


def test_compacting_keeps_letters_and_marks():
    assert compact(clean("#7 0.123 a\x1b[1mB\x1b[0m-c 12")) == "ab.c."


# --- written answers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", list(INDEX.answers), ids=lambda each: each.recipe or each.title)
def test_an_answer_leads_to_a_page_that_is_there(answer: Answer):
    page = answer.url.partition("#")[0]
    if page.startswith("recipes/"):
        assert (ROOT / "recipes" / page.removeprefix("recipes/").removesuffix(".html") / "README.md").is_file()
    else:
        assert (ROOT / "docs" / page.replace(".html", ".md")).is_file()


@pytest.mark.parametrize(
    "signature", [each for answer in INDEX.answers for each in answer.signatures if each.musts], ids=lambda each: each.text[:50]
)
def test_a_written_text_is_found_by_itself(signature: Signature):
    owners = {answer.title for answer in INDEX.answers if signature in answer.signatures}
    found = INDEX.explain(signature.text.replace("{", "").replace("}", ""))
    if INDEX.weight(signature.parts) >= 2.5:  # a shorter one only adds to others
        assert owners & {each.answer.title for each in found}


def test_texts_are_written_for_traps_that_are_there():
    assert known.named_traps() <= {each.slug for each in RECIPES if each.matter.id}


def test_an_answer_that_is_half_is_refused(tmp_path: Path):
    path = tmp_path / "answers.toml"
    for text, sentence in (
        ('background = []\n[[answer]]\ntexts = ["x"]\ntitle = "T"\n', "needs a title, a cause, a fix and a url"),
        ("background = 1\n", "cannot be read"),
        ("[", "cannot be read"),
        ('[[answer]]\ntrap = "two-indexes"\npatterns = ["a & b("]\n', "is no regular expression"),
        ('[[answer]]\ntrap = "two-indexes"\npatterns = ["!a & b"]\n', "must begin with what is there"),
    ):
        path.write_text(text)
        with pytest.raises(BadInput, match=sentence):
            known.index(RECIPES, tmp_path)


@pytest.mark.parametrize(
    ("pattern", "fits", "does_not"),
    [
        ("no module named yaml_", "No module named 'yaml'", "No module named 'yamllint'"),
        ("no module named yaml_", "No mod\nule named 'yaml'", "No module called 'yaml'"),
        ("from versions none & alpine", "FROM python:alpine\n(from versions: none)", "(from versions: none)"),
        ("from versions none & !alpine", "(from versions: none)", "alpine (from versions: none)"),
        (
            "no module named <name>_ & installed((?!no module).){0,40}_<name>_",
            "Installed a-1 tqdm-2\nNo module named 'tqdm'",
            "Installed a-1 b-2\nNo module named 'tqdm'",
        ),
        (
            "no module named <name>_ & satisfied_<name>_ & !venv",
            "satisfied: tqdm in /usr\nNo module named 'tqdm'.",
            "satisfied: tqdm in venv\nNo module named 'tqdm'.",
        ),
        ("glibc 2 17", "ldd (GNU glibc) 2.17", "ldd (GNU glibc) 2.31"),
        ("a.{0,3}b", "a - b", "a xxxx b"),
    ],
)
def test_a_pattern(pattern: str, fits: str, does_not: str):
    assert Pattern(pattern).fits(Paste(fits))
    assert not Pattern(pattern).fits(Paste(does_not))


PARTS = [part for answer in INDEX.answers for pattern in answer.patterns for part in pattern.parts]


@given(data())
@settings(max_examples=1500, deadline=None)
def test_the_word_that_is_looked_for_first_is_in_whatever_fits(data: DataObject):
    part = data.draw(sampled_from(PARTS))
    assert part.word in data.draw(from_regex(part.expression.replace(NAME, "name")))


def test_a_pattern_of_more_parts_comes_first():
    one, two = (Answer(text, "C", "F", None, "u", (), (Pattern(text),)) for text in ("from versions none", "from versions none & alpine"))
    assert [each.answer for each in Index([one, two], []).explain("alpine\n(from versions: none)")] == [two, one]


def test_a_part_that_must_be_there_is_no_beginning_of_another_word():
    index = Index([Answer("T", "C", "F", None, "u", (Signature("No module named '{quixotic}'"),))], ["No module named '"])
    assert index.explain("No module named 'quixotic'")
    assert not index.explain("No module named 'quixotically_other'")


# --- the command ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def sprung(place: Place) -> Place:
    """A project with the traps that the written answers add to, each with a text of its own."""
    for number, slug in enumerate(each.slug for each in RECIPES if each.matter.id):
        fields = {"id": f"PV{number:03}", "group": "locks", "symptom": f'"{slug} went wrong"', "cause": "Because.", "fix": "Do."}
        text = matter(**fields, scenarios="{broken: Broken, fixed: Fixed}")
        place.write(slug, text + "## Broken\n\n" + step("$ false", 'id="b" exit="1"') + "## Fixed\n\n" + step("$ true", 'id="fix"'))
    return place


def test_the_command_answers_people_and_machines(sprung: Place, tmp_path: Path):
    (tmp_path / "log").write_text(NUMPY)
    ran = sprung.provenv("explain", str(tmp_path / "log"))
    assert ran.code == 0
    assert "proven in: recipes/numpy-dtype-size-changed/README.md" in ran.out
    (first, *_) = json.loads(sprung.provenv("explain", "--json", str(tmp_path / "log")).out)["answers"]
    assert first.keys() == {"title", "cause", "fix", "recipe", "url", "score"}
    assert first["recipe"] == "numpy-dtype-size-changed"


def test_the_command_says_unknown(sprung: Place, tmp_path: Path):
    (tmp_path / "log").write_text("KeyError: 'price'")
    assert sprung.provenv("explain", str(tmp_path / "log")).out.startswith("unknown")
    assert json.loads(sprung.provenv("explain", "--json", str(tmp_path / "log")).out) == {"answers": []}


def test_a_file_that_is_not_there_is_told(sprung: Place):
    ran = sprung.provenv("explain", "none.log")
    assert ran.code == 2
    assert "cannot be read (No such file or directory)" in ran.err


def test_bytes_that_are_no_text_are_no_trouble(sprung: Place, tmp_path: Path):
    (tmp_path / "log").write_bytes(b"\xff\xfe\x00" + NUMPY.encode())
    assert sprung.provenv("explain", str(tmp_path / "log")).code == 0
