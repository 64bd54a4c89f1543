"""The command line: what is green, what is red, what cannot be said, and that each says why and where."""

import json
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conftest import AS_OF, PYTHON, Index, Place, alive, ended, matter, pythons, step, until
from provenv import interpreter
from provenv.errors import BadInput
from provenv.ledger import json_schema

QUICK = step("$ echo one\none")
KEY = f"main (venv, Python {PYTHON}, index {AS_OF})"


@pytest.fixture
def proven(place: Place) -> Place:
    """A project with two recipes, all proven and pinned."""
    place.write("alpha", QUICK + step("$ cat none\ncat: none: No such file or directory", 'id="second" exit="1"'))
    place.write("beta", QUICK, **{"data.txt": "x\n"})
    assert place.provenv("prove").code == 0
    assert place.provenv("pin").code == 0
    return place


# --- list -------------------------------------------------------------------------------------------------------------------


def test_list_names_every_recipe(place: Place):
    place.write("alpha", QUICK)
    place.write("a-longer-one", matter(lanes="[venv, conda]") + QUICK)
    ran = place.provenv("list")
    assert ran.code == 0
    assert [line.split() for line in ran.out.splitlines()] == [
        ["a-longer-one", "venv,", "conda", PYTHON, "A", "title"],
        ["alpha", "venv", PYTHON, "A", "title"],
    ]


def test_list_tells_machines_every_proof_and_step(place: Place):
    place.write("alpha", matter(pythons='["3.11", "3.13"]') + QUICK)
    (told,) = json.loads(place.provenv("list", "--json").out)
    assert told["recipe"] == "alpha"
    assert told["steps"] == ["first"]
    assert told["proofs"] == [
        {"recipe": "alpha", "scenario": "main", "lane": "venv", "python": python, "as_of": AS_OF} for python in ("3.11", "3.13")
    ]


def test_list_works_from_a_folder_within(place: Place):
    folder = place.write("alpha", QUICK)
    run = subprocess.run(
        [sys.executable, "-m", "provenv", "list"], cwd=folder, env=place.variables(), capture_output=True, text=True, check=True
    )
    assert run.stdout.startswith("alpha")


def test_a_reader_that_stops_reading_sees_no_traceback(place: Place):
    for number in range(500):
        place.write(f"recipe-{number}", QUICK)
    with place.start("list", "--json") as process:
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()
        assert process.wait() != 0


# --- what cannot be said --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["list", "prove", "status", "pin"])
def test_outside_of_a_project_nothing_can_be_said(place: Place, tmp_path: Path, command: str):
    run = subprocess.run(
        [sys.executable, "-m", "provenv", command], cwd=tmp_path, env=place.variables(), capture_output=True, text=True, check=False
    )
    assert run.returncode == 2
    assert "in no Provenv project" in run.stderr


@pytest.mark.parametrize("command", ["list", "prove", "status", "pin"])
def test_without_a_recipe_nothing_is_green(place: Place, command: str):
    ran = place.provenv(command)
    assert ran.code == 2
    assert "there is no recipe" in ran.err


@pytest.mark.parametrize("command", ["list", "prove", "status", "pin"])
def test_a_recipe_that_cannot_be_read_gives_one_sentence_with_its_place(place: Place, command: str):
    place.write("good", QUICK)
    place.write("bad", QUICK + "```bash\npip install x\n```\n")
    ran = place.provenv(command)
    assert ran.code == 2
    line = place.readme("bad").read_text().split("\n").index("```bash") + 1
    assert ran.err.startswith(f"provenv: recipes/bad/README.md:{line}: a fence of `bash` is neither proven nor excused")
    assert ran.err.count("\n") == 1
    assert ran.out == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        [],
        ["prove", "--lane", "cloud"],
        ["prove", "--as-of", "soon"],
        ["prove", "--as-of", "2026-13-01"],
        ["prove", "--as-of", ""],
        ["prove", "--jobs", "0"],
        ["prove", "--jobs", "-1"],
        ["prove", "--jobs", "many"],
        ["prove", "--jobs", "1.5"],
        ["new"],
        ["new", "alpha"],
    ],
)
def test_a_wrong_argument_is_refused(place: Place, arguments: list[str]):
    place.write("alpha", QUICK)
    ran = place.provenv(*arguments)
    assert ran.code == 2
    assert "usage:" in ran.err


@pytest.mark.parametrize(
    "arguments",
    [["--python", "3.99"], ["--python", "nonsense"], ["--lane", "conda"], ["--scenario", "nonsense"], ["alpha", "--python", "3.9"]],
)
def test_asking_for_nothing_is_not_green(place: Place, arguments: list[str]):
    place.write("alpha", QUICK)
    ran = place.provenv("prove", *arguments)
    assert ran.code == 2
    assert "nothing was asked for" in ran.err


@pytest.mark.parametrize("arguments", [["prove", "nope"], ["prove", "alpha", "nope"], ["new", "nope", "target"]])
def test_an_unknown_recipe_is_refused_with_those_that_there_are(place: Place, arguments: list[str]):
    place.write("alpha", QUICK)
    ran = place.provenv(*arguments)
    assert ran.code == 2
    assert "there is no recipe `nope`; there are: alpha" in ran.err
    assert sorted(path.name for path in place.root.iterdir()) == ["mkdocs.yml", "pyproject.toml", "recipes"]


@pytest.mark.parametrize("slug", ["..", ".", "", "/", "../recipes/alpha", "alpha/README.md", "Alpha", "a\0b"])
def test_what_is_no_name_of_a_recipe_is_refused(place: Place, slug: str):
    place.write("alpha", QUICK)
    with pytest.raises(BadInput):
        place.project.recipe(slug)


def test_a_place_that_cannot_be_written_to_is_said(place: Place):
    place.write("alpha", QUICK)
    (place.root / "proofs").write_text("a file")
    ran = place.provenv("prove")
    assert ran.code == 2
    assert "proofs" in ran.err
    assert place.sandboxes == []


# --- green ----------------------------------------------------------------------------------------------------------------------


def test_a_green_run_is_recorded_and_status_says_so(place: Place):
    place.write("alpha", step("$ python -m venv --without-pip .venv\n$ source .venv/bin/activate\n$ python -c 'print(6 * 7)'\n42"))
    ran = place.provenv("prove")
    assert ran.code == 0
    first, last = ran.out.splitlines()
    assert first.startswith(f"proven   alpha/{KEY} in ")
    assert last == "1 proven, 0 failed, 0 not run"
    jsonschema.validate(json.loads((place.root / "proofs" / "alpha.json").read_text()), json_schema())
    (proof,) = place.proofs("alpha")
    assert proof["failure"] is None
    (kept,) = (place.root / ".provenv" / "runs").rglob("*.json")
    assert json.loads(kept.read_text())["steps"][0]["commands"][2]["output"] == ["42"]
    assert place.provenv("pin").out == "pinned 1 proofs of 1 recipes\n"
    status = place.provenv("status")
    assert status.code == 0
    assert status.out.splitlines()[-1] == "1 of 1 proven"
    assert list(place.temporary.iterdir()) == []


def test_only_the_scenario_that_was_asked_for_runs(place: Place):
    two = "## A\n\n" + step("$ true", 'id="a"') + "## B\n\n" + step("$ false", 'id="b"')
    place.write("alpha", matter(scenarios="{a: A, b: B}") + two)
    ran = place.provenv("prove", "--scenario", "a")
    assert ran.code == 0, ran.told
    assert [proof["scenario"] for proof in place.proofs("alpha")] == ["a"]


def test_only_what_was_asked_for_runs(place: Place):
    for slug in ("alpha", "beta", "gamma"):
        place.write(slug, QUICK)
    ran = place.provenv("prove", "beta", "alpha", "beta", "--lane", "venv", "--python", PYTHON)
    assert ran.code == 0
    assert ran.out.splitlines()[-1] == "2 proven, 0 failed, 0 not run"
    assert sorted(path.stem for path in (place.root / "proofs").iterdir()) == ["alpha", "beta"]


@pytest.mark.skipif(len(pythons()) < 2, reason="needs two Pythons")
def test_every_python_of_a_recipe_is_proven(place: Place):
    old, new = pythons()[0], pythons()[-1]
    place.write("alpha", matter(pythons=f'["{old}", "{new}"]') + step("$ python -V\nPython 3[..]"))
    assert place.provenv("prove", "--jobs", "2").code == 0
    assert [(each["python"], ".".join(each["interpreter"].split(".")[:2])) for each in place.proofs("alpha")] == [(old, old), (new, new)]


def test_today_and_the_frozen_date_stand_side_by_side(proven: Place):
    assert proven.provenv("prove", "alpha", "--as-of", "today").code == 0
    assert [each["as_of"] for each in proven.proofs("alpha")] == [AS_OF, "today"]
    assert proven.provenv("status").code == 0
    proven.edit("beta", "echo one", "test -z $UV_EXCLUDE_NEWER && echo one")
    assert proven.provenv("prove", "beta").code == 1
    assert proven.provenv("prove", "beta", "--as-of", "today").code == 0
    assert [(each["as_of"], each["failure"] is None) for each in proven.proofs("beta")] == [(AS_OF, False), ("today", True)]
    assert proven.provenv("status").code == 1


def test_a_run_at_another_date_is_told_but_not_recorded(proven: Place):
    before = (proven.root / "proofs" / "alpha.json").read_bytes()
    ran = proven.provenv("prove", "alpha", "--as-of", "2026-01-01")
    assert ran.code == 0
    assert "index 2026-01-01" in ran.out
    assert (proven.root / "proofs" / "alpha.json").read_bytes() == before


def test_the_machine_readable_form_is_one_object_a_line(place: Place):
    place.write("alpha", QUICK)
    place.write("bad", step("$ echo one\ntwo"))
    place.write("lacks", matter(needs="[gpu]") + QUICK)
    ran = place.provenv("prove", "--json")
    assert ran.code == 1
    told = {each["recipe"]: each for each in map(json.loads, ran.out.splitlines())}
    assert {slug: each["outcome"] for slug, each in told.items()} == {"alpha": "proven", "bad": "failed", "lacks": "not run"}
    assert told["alpha"]["proof"] == place.proofs("alpha")[0]
    assert "+one" in told["bad"]["diff"]
    assert "gpu" in told["lacks"]["reason"]
    standing = json.loads(place.provenv("status", "--json").out) if place.provenv("pin").code == 0 else {}
    assert {each["recipe"]: each["outcome"] for each in standing["proofs"]} == {"alpha": "proven", "bad": "failed", "lacks": "not run"}
    assert standing["holes"] == []


def test_only_what_is_not_proven_runs_when_asked_for_what_changed(proven: Place):
    ran = proven.provenv("prove", "--changed")
    assert (ran.code, ran.out) == (0, "all that was asked for is proven already\n")
    (proven.root / "recipes" / "beta" / "data.txt").write_text("y\n")
    ran = proven.provenv("prove", "--changed")
    assert ran.code == 0
    assert "beta/main" in ran.out
    assert "alpha" not in ran.out
    proven.edit("alpha", "$ echo one\none", "$ echo one\ntwo")
    for _ in range(2):
        ran = proven.provenv("prove", "--changed")
        assert ran.code == 1
        assert "alpha/main" in ran.out
        assert "beta" not in ran.out


def test_two_runs_at_once_both_end_with_a_whole_ledger(place: Place):
    text = matter(scenarios="{one: One, two: Two, three: Three}")
    text += "".join(
        f"## {name}\n\n" + step(f"$ sleep 0.{number}; echo {name}\n{name}", f'id="s{number}"')
        for number, name in enumerate(("One", "Two", "Three"), 1)
    )
    for slug in ("alpha", "beta"):
        place.write(slug, text)
    both = [place.start("prove", "--jobs", "2") for _ in range(2)]
    for process in both:
        ran = ended(process)
        assert (ran.code, ran.out.splitlines()[-1]) == (0, "6 proven, 0 failed, 0 not run"), ran.told
    for slug in ("alpha", "beta"):
        assert [each["scenario"] for each in place.proofs(slug)] == ["one", "three", "two"]
        jsonschema.validate(json.loads((place.root / "proofs" / f"{slug}.json").read_text()), json_schema())
    assert sorted(path.name for path in (place.root / "proofs").iterdir()) == ["alpha.json", "beta.json"]
    assert place.sandboxes == []
    place.provenv("pin")
    assert place.provenv("status").code == 0


def test_people_at_a_terminal_see_it_too(place: Place):
    place.write("alpha", QUICK)
    place.write("bad", step("$ echo '[bold]one[/bold]'\ntwo"))
    leader, follower = pty.openpty()
    variables = {name: value for name, value in place.variables(TERM="xterm").items() if name != "CI"}
    process = subprocess.Popen(
        [sys.executable, "-m", "provenv", "prove"], cwd=place.root, env=variables, stdout=follower, stderr=follower, stdin=follower
    )
    os.close(follower)
    shown = b""
    while True:
        try:
            part = os.read(leader, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(leader)
    assert process.wait() == 1
    assert b"Traceback" not in shown
    for text in (b"proven", b"alpha/main", b"failed", b"bad/main", b"[bold]one[/bold]", b"1 proven, 1 failed, 0 not run"):
        assert text in re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", shown)


# --- sabotage -------------------------------------------------------------------------------------------------------------------

VENV = """
$ python -m venv --without-pip .venv
$ source .venv/bin/activate
$ site=$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
$ mkdir "$site/demo-1.0.dist-info" && echo "answer = 42" > "$site/demo.py"
$ printf 'Metadata-Version: 2.1\\nName: demo\\nVersion: 1.0\\n' > "$site/demo-1.0.dist-info/METADATA"
"""
USE = "$ python -c 'import demo; print(demo.answer)'\n42\n$ cat none\ncat: none: No such file or directory"


def change(old: str, new: str) -> Callable[[Place], object]:
    return lambda place: place.edit("alpha", old, new)


def put(name: str, text: str = "") -> Callable[[Place], object]:
    def action(place: Place) -> None:
        path = place.root / "recipes" / "alpha" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    return action


SABOTAGE = {
    "one character more": (change("\n42\n", "\n421\n"), "did not print what is expected", "\n421\n"),
    "one character less": (change("such file or directory", "such file or director"), "did not print what is expected", "cat: none: No"),
    "another case": (change("cat: none: No", "cat: none: no"), "did not print what is expected", "cat: none: no"),
    "no output expected": (change("\n42\n", "\n"), "did not print what is expected", None),
    "a wrong exit code": (change('exit="1"', 'exit="2"'), "ended with exit code 1, expected 2", "$ cat none"),
    "no exit code": (change(' exit="1"', ""), "ended with exit code 1, expected 0", "$ cat none"),
    "a mistyped command": (change("python -m venv", "pyhton -m venv"), "ended with exit code 127, expected 0", "$ pyhton"),
    "a mistyped option": (change("--without-pip", "--witout-pip"), "ended with exit code 2, expected 0", "--witout-pip"),
    "a step left out": (change("$ mkdir", "$ : mkdir"), "exit code 1, expected 0", "$ printf"),
    "an environment there before": (put(".venv/pyvenv.cfg"), "an environment (`.venv`) was there before the first step", None),
    "a distribution there before": (
        put("demo-1.0.dist-info/METADATA", "Name: demo\nVersion: 1.0\n"),
        "an installed distribution (`demo-1.0.dist-info`) was there",
        None,
    ),
    "a module there before": (put("demo.py", "answer = 42\n"), "demo was already there before the first step", None),
    "a package there before": (put("demo/__init__.py", "answer = 42\n"), "demo was already there before the first step", None),
}


@pytest.mark.parametrize("name", SABOTAGE)
def test_a_sabotaged_recipe_goes_red_with_a_sentence_and_a_place(place: Place, index: Index, name: str):
    sabotage, sentence, at = SABOTAGE[name]
    index.add("demo", "1.0", "2026-01-01T00:00:00Z")
    place.write("alpha", step(VENV, 'id="install"') + step(USE, 'id="use" exit="1"'))
    sabotage(place)
    ran = place.provenv("prove")
    assert ran.code == 1, ran.told
    (line,) = [each for each in ran.out.splitlines() if each.startswith("failed")]
    assert f"alpha/{KEY}:" in line
    assert sentence in line
    assert "(recipes/alpha/README.md" in line
    if at:
        text = place.readme("alpha").read_text()
        number = text[: text.index(at)].count("\n") + at.startswith("\n") + 1
        assert f"(recipes/alpha/README.md:{number})" in line
    assert ran.out.splitlines()[-1] == "0 proven, 1 failed, 0 not run"
    (standing,) = place.project.ledger.standings(place.project.recipes, place.project.max_age)
    assert standing.outcome == "failed"
    assert sentence in standing.reason
    assert place.sandboxes == []


def test_the_recipe_that_is_sabotaged_is_green_without_sabotage(place: Place, index: Index):
    index.add("demo", "1.0", "2026-01-01T00:00:00Z")
    place.write("alpha", step(VENV, 'id="install"') + step(USE, 'id="use" exit="1"'))
    ran = place.provenv("prove")
    assert ran.code == 0, ran.told


def test_an_installer_that_ignores_the_date_goes_red(place: Place, index: Index):
    """A real pip, the one that comes with the oldest Python, does not know the setting; the index has a release from after the date."""
    index.add("demo", "1.0", "2026-10-01T00:00:00Z")
    index.add("demo", "2.0", "2026-11-20T00:00:00Z")
    index.add("pip", "23.2.1", "2023-07-22T00:00:00Z")
    index.add("setuptools", "65.5.0", "2022-10-14T00:00:00Z")
    text = "$ python -m venv .venv\n$ .venv/bin/python -m pip --version\npip [..]\n$ .venv/bin/python -m pip install --quiet {}\n...\n$ .venv/bin/python -c 'import demo; print(demo.__version__)'\n[..]"
    place.write("alpha", step(text.format("demo")))
    ran = place.provenv("prove")
    assert ran.code == 1, ran.told
    assert "the index was not held: demo 2.0 was uploaded on 2026-11-20" in ran.out


def test_a_failure_takes_the_place_of_a_proof(proven: Place):
    proven.edit("alpha", "$ echo one\none", "$ echo one\ntwo")
    assert "stale" in proven.provenv("status").out
    assert proven.provenv("prove", "alpha").code == 1
    assert [each["failure"]["step"] for each in proven.proofs("alpha")] == ["first"]
    status = proven.provenv("status")
    assert status.code == 1
    assert [line.split()[0] for line in status.out.splitlines()] == ["failed", "proven", "1"]
    proven.edit("alpha", "$ echo one\ntwo", "$ echo one\none")
    assert proven.provenv("prove", "alpha").code == 0
    assert proven.provenv("status").code == 0


# --- not run ----------------------------------------------------------------------------------------------------------------------


def test_a_missing_interpreter_is_not_run_and_the_old_proof_stays(proven: Place, tmp_path: Path):
    before = (proven.root / "proofs" / "alpha.json").read_bytes()
    (tmp_path / "empty").mkdir()
    nowhere = dict.fromkeys(("PATH", "HOME", "PYENV_ROOT", "XDG_DATA_HOME", "UV_PYTHON_INSTALL_DIR"), str(tmp_path / "empty"))
    ran = proven.provenv("prove", **nowhere)
    assert ran.code == 2
    assert ran.out.splitlines()[-1] == "0 proven, 0 failed, 2 not run"
    assert f"not run  alpha/{KEY}: no CPython {PYTHON} on PATH" in ran.out
    assert (proven.root / "proofs" / "alpha.json").read_bytes() == before


def test_what_was_never_run_is_not_green(place: Place):
    place.write("alpha", QUICK)
    place.provenv("pin")
    status = place.provenv("status")
    assert status.code == 1
    assert "not run" in status.out
    assert "there is no proof of it" in status.out
    assert status.out.splitlines()[-1] == "0 of 1 proven"


@pytest.mark.parametrize(("others", "code"), [([], 2), (["good"], 2), (["bad"], 1), (["good", "bad"], 1)])
def test_not_run_is_never_green_and_failed_weighs_more(place: Place, others: list[str], code: int):
    place.write("lacks", matter(needs="[gpu]") + QUICK)
    for slug in others:
        place.write(slug, step("$ true" if slug == "good" else "$ false"))
    ran = place.provenv("prove")
    assert ran.code == code
    assert "does not offer `gpu`" in ran.out


def test_a_recipe_that_needs_the_network_is_not_run_without_it(place: Place):
    place.write("alpha", matter(needs="[network]") + QUICK)
    ran = place.provenv("prove", PROVENV_INDEX_URL="http://127.0.0.1:1/simple", NO_PROXY="127.0.0.1", no_proxy="127.0.0.1")
    assert ran.code == 2
    assert "the package index cannot be reached" in ran.out
    assert place.proofs("alpha") == []


# --- stale ------------------------------------------------------------------------------------------------------------------------


def age(place: Place, slug: str, days: float) -> None:
    """Date the proofs of a recipe back."""
    path = place.root / "proofs" / f"{slug}.json"
    told = json.loads(path.read_text())
    for proof in told["proofs"]:
        proof["ran_at"] = (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    path.write_text(json.dumps(told))


def test_a_proof_goes_stale_by_age(proven: Place):
    age(proven, "alpha", 29)
    assert proven.provenv("status").code == 0
    age(proven, "alpha", 31)
    status = proven.provenv("status")
    assert status.code == 1
    assert f"stale    alpha/{KEY}: its proof is 31 days old (at most 30)" in status.out
    (proven.root / "pyproject.toml").write_text("[tool.provenv]\nmax-age-days = 40\n")
    assert proven.provenv("status").code == 0
    age(proven, "alpha", -30)
    assert "dated in the future" in proven.provenv("status").out
    assert proven.provenv("prove", "--changed").code == 0
    assert proven.provenv("status").code == 0


@pytest.mark.parametrize("how", ["readme", "file", "new file", "mode"])
def test_a_proof_goes_stale_by_any_change(proven: Place, how: str):
    folder = proven.root / "recipes" / "beta"
    if how == "readme":
        proven.readme("beta").write_text(proven.readme("beta").read_text() + "A word more.\n")
    elif how == "mode":
        (folder / "data.txt").chmod(0o755)
    else:
        (folder / ("data.txt" if how == "file" else "other.txt")).write_text("changed\n")
    status = proven.provenv("status")
    assert status.code == 1
    assert "stale    beta/main" in status.out
    assert "the recipe changed since its proof" in status.out
    assert "1 of 2 proven" in status.out


# --- holes ------------------------------------------------------------------------------------------------------------------------


def drop_proof(place: Place) -> None:
    path = place.root / "proofs" / "alpha.json"
    told = json.loads(path.read_text())
    told["proofs"].clear()
    path.write_text(json.dumps(told))


def drop_step(place: Place) -> None:
    path = place.root / "proofs" / "alpha.json"
    told = json.loads(path.read_text())
    told["proofs"][0]["steps"].pop()
    path.write_text(json.dumps(told))


def write(name: str, content: bytes) -> Callable[[Place], object]:
    return lambda place: (place.root / "proofs" / name).write_bytes(content)


SECOND = step("$ cat none\ncat: none: No such file or directory", 'id="second" exit="1"')
HOLES: dict[str, tuple[Callable[[Place], object], str]] = {
    "a proof": (drop_proof, f"not run  alpha/{KEY}: there is no proof of it"),
    "the proofs of a recipe": (
        lambda place: (place.root / "proofs" / "alpha.json").unlink(),
        f"not run  alpha/{KEY}: there is no proof of it",
    ),
    "a step of a proof": (drop_step, f"stale    alpha/{KEY}: its proof does not cover every step and command"),
    "a step": (change(SECOND, ""), "alpha: the step `second` of the scenario `main` is pinned but gone"),
    "a command": (change("$ echo one\none", "$ true"), f"stale    alpha/{KEY}"),
    "the id of a step": (change('id="second"', 'id="renamed"'), "the step `second` of the scenario `main` is pinned but gone"),
    "the text of a fence": (change("\n$ echo one\none\n", "\n"), "alpha/README.md:10: the step `first` holds no command"),
    "a README": (lambda place: place.readme("alpha").unlink(), "recipe `alpha` is pinned but gone"),
    "a README with files beside it": (lambda place: place.readme("beta").unlink(), "recipes/beta: this recipe has no README.md"),
    "a whole recipe": (lambda place: shutil.rmtree(place.root / "recipes" / "alpha"), "the recipe `alpha` is pinned but gone"),
    "the name of a recipe": (
        lambda place: (place.root / "recipes" / "alpha").rename(place.root / "recipes" / "gamma"),
        "the recipe `alpha` is pinned but gone",
    ),
    "all recipes": (lambda place: shutil.rmtree(place.root / "recipes"), "in no Provenv project"),
    "all that is in recipes": (lambda place: [shutil.rmtree(path) for path in (place.root / "recipes").iterdir()], "there is no recipe"),
    "the pinned list": (lambda place: (place.root / "proofs" / "required.json").unlink(), "the list of proofs that must exist is missing"),
    "all proofs": (lambda place: shutil.rmtree(place.root / "proofs"), "the list of proofs that must exist is missing"),
    "half of the pinned list": (
        write("required.json", b'{"schema": 1, "recipes": {'),
        "proofs/required.json: cannot be read as a ledger file",
    ),
    "half of a ledger file": (
        write("alpha.json", b'{"schema": 1, "recipe": "alpha", "proofs": [{'),
        "proofs/alpha.json: cannot be read as a ledger file",
    ),
    "an empty ledger file": (write("alpha.json", b""), "proofs/alpha.json: cannot be read as a ledger file"),
    "the proofs of another recipe": (
        lambda place: shutil.copy(place.root / "proofs" / "beta.json", place.root / "proofs" / "alpha.json"),
        "proofs/alpha.json: holds the proofs of `beta`",
    ),
    "a Python": (change(f'"{PYTHON}"', '"3.12", "3.13"'), f"the Python {PYTHON} is pinned but gone"),
    "a lane": (change("[venv]", "[conda]"), "the lane venv is pinned but gone"),
    "the date": (change(AS_OF, "2026-10-01"), f"the freeze date is pinned to {AS_OF}"),
}


@pytest.fixture(scope="module")
def all_proven(tmp_path_factory: pytest.TempPathFactory, caches: Path) -> Place:
    """A project like `proven`, made once; the tests work on copies."""
    folder = tmp_path_factory.mktemp("proven")
    made = Place(folder / "project", folder / "tmp", caches)
    made.write("alpha", QUICK + SECOND)
    made.write("beta", QUICK, **{"data.txt": "x\n"})
    assert made.provenv("prove").code == 0
    assert made.provenv("pin").code == 0
    assert made.provenv("status").code == 0
    return made


@pytest.mark.parametrize("name", HOLES)
def test_what_is_taken_away_turns_status_red_with_a_sentence_that_names_it(all_proven: Place, place: Place, name: str):
    shutil.copytree(all_proven.root, place.root, dirs_exist_ok=True)
    take, sentence = HOLES[name]
    take(place)
    status = place.provenv("status")
    assert status.code in (1, 2)
    assert sentence in status.told


def test_proofs_of_no_recipe_and_unpinned_recipes_turn_status_red(all_proven: Place, place: Place):
    shutil.copytree(all_proven.root, place.root, dirs_exist_ok=True)
    place.write("gamma", QUICK)
    assert "hole     the recipe `gamma` is not pinned; run `provenv pin`" in place.provenv("status").out
    assert place.provenv("prove", "gamma").code == 0
    assert place.provenv("status").code == 1
    assert place.provenv("pin").code == 0
    assert place.provenv("status").code == 0
    shutil.rmtree(place.root / "recipes" / "gamma")
    place.provenv("pin")
    status = place.provenv("status")
    assert status.code == 1
    assert "proofs/gamma.json belongs to no recipe" in status.out


@pytest.mark.parametrize("command", [["prove"], ["prove", "--changed"]])
def test_a_ledger_that_cannot_be_read_stops_the_run_before_it_begins(all_proven: Place, place: Place, command: list[str]):
    shutil.copytree(all_proven.root, place.root, dirs_exist_ok=True)
    (place.root / "proofs" / "alpha.json").write_bytes(b"{")
    ran = place.provenv(*command)
    assert ran.code == 2
    assert "proofs/alpha.json: cannot be read" in ran.err
    assert (place.root / "proofs" / "alpha.json").read_bytes() == b"{"


# --- update -----------------------------------------------------------------------------------------------------------------------


def test_an_update_rewrites_the_readme_and_records_nothing(place: Place):
    place.write(
        "alpha",
        "- item\n\n"
        + "".join(f"  {line}".rstrip() + "\n" for line in step("$ echo one; echo two\none\n...\nthree\n$ true\nout").split("\n")),
    )
    before = place.readme("alpha").read_text()
    ran = place.provenv("prove", "--update")
    assert ran.code == 0
    assert "2 outputs rewritten; review them" in ran.out
    assert place.readme("alpha").read_text() == before.replace("  three\n", "  two\n").replace("  out\n", "")
    assert not (place.root / "proofs").exists()
    assert place.provenv("prove").code == 0


def test_an_update_of_what_matches_leaves_the_file_alone(place: Place):
    place.write("alpha", QUICK)
    before = place.readme("alpha").stat().st_mtime_ns
    assert place.provenv("prove", "--update").code == 0
    assert place.readme("alpha").stat().st_mtime_ns == before


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_update_reaches_every_scenario_of_a_recipe(place: Place, jobs: str):
    text = (
        matter(scenarios="{one: One, two: Two}")
        + "## One\n\n"
        + step("$ echo one\nold")
        + "## Two\n\n"
        + step("$ echo two; echo two\nold", 'id="second"')
    )
    place.write("alpha", text)
    ran = place.provenv("prove", "--update", "--jobs", jobs)
    assert ran.code == 0, ran.told
    assert place.readme("alpha").read_text() == text.replace("$ echo one\nold", "$ echo one\none").replace(
        "echo two\nold", "echo two\ntwo\ntwo"
    )
    assert place.provenv("prove").code == 0


@pytest.mark.parametrize("printed", ["...", "a [..] b"])
def test_an_update_never_writes_what_would_be_a_wildcard(place: Place, printed: str):
    place.write(
        "alpha",
        step(f"$ printf '%s.%s\\n' '{printed[:-1]}' '' | tr -d '\\n'; echo\nold") if printed == "..." else step(f"$ echo '{printed}'\nold"),
    )
    before = place.readme("alpha").read_text()
    ran = place.provenv("prove", "--update")
    assert ran.code == 2
    assert "would mean more than itself" in ran.err
    assert place.readme("alpha").read_text() == before


def test_an_update_does_not_hide_a_failure(place: Place):
    place.write("alpha", step("$ echo one\nold\n$ false"))
    assert place.provenv("prove", "--update").code == 1


# --- new ----------------------------------------------------------------------------------------------------------------------------


def test_new_copies_a_recipe(place: Place, tmp_path: Path):
    folder = place.write("alpha", QUICK, **{"app.py": "x = 1\n"})
    (folder / "run.sh").write_text("x")
    (folder / "run.sh").chmod(0o755)
    (folder / "__pycache__").mkdir()
    target = tmp_path / "mine"
    ran = place.provenv("new", "alpha", str(target))
    assert ran.code == 0
    assert str(target) in ran.out
    assert sorted(path.name for path in target.iterdir()) == ["README.md", "app.py", "run.sh"]
    assert (target / "README.md").read_bytes() == place.readme("alpha").read_bytes()
    assert os.access(target / "run.sh", os.X_OK)


def test_new_refuses_to_overwrite(place: Place, tmp_path: Path):
    place.write("alpha", QUICK)
    for name, make in {"folder": Path.mkdir, "file": Path.touch, "link": lambda path: path.symlink_to("nowhere")}.items():
        target = tmp_path / name
        make(target)
        ran = place.provenv("new", "alpha", str(target))
        assert ran.code == 2
        assert "nothing of yours is overwritten" in ran.err
        assert not target.is_dir() or not list(target.iterdir())
        assert target.is_symlink() == (name == "link")


# --- interrupted ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_run_leaves_no_sandbox_no_process_and_no_claim(place: Place, number: signal.Signals):
    place.write("quick", QUICK)
    place.write("slow", step("$ setsid -f sleep 1000; nohup sleep 1000 >/dev/null 2>&1 & sleep 1000"))
    process = place.start("prove", "--jobs", "2")
    assert "proven   quick/main" in process.stdout.readline()
    (box,) = until(lambda: [path for path in place.sandboxes if len(alive(path.name)) >= 4])
    process.send_signal(number)
    begun = time.monotonic()
    ran = ended(process)
    assert ran.code == 2
    assert time.monotonic() - begun < 30
    assert "provenv: interrupted" in ran.err
    assert place.sandboxes == []
    assert alive(box.name) == []
    assert [each["failure"] for each in place.proofs("quick")] == [None]
    assert place.proofs("slow") == []
    assert list(place.temporary.iterdir()) == []


@pytest.mark.parametrize("gap", [0.05, 0.5])
def test_impatience_does_not_change_that(place: Place, gap: float):
    """Ending what will not be ended takes two seconds; whoever presses Ctrl-C again meanwhile leaves no more behind than others."""
    place.write("slow", step("$ setsid -f sleep 1000; trap '' TERM; nohup sleep 1000 >/dev/null 2>&1 & sleep 1000"))
    process = place.start("prove")
    (box,) = until(lambda: [path for path in place.sandboxes if len(alive(path.name)) >= 4])
    for _ in range(3):
        process.send_signal(signal.SIGINT)
        time.sleep(gap)
    try:
        assert ended(process).code == 2
        assert place.sandboxes == []
        assert alive(box.name) == []
    finally:
        for left in alive(box.name):
            left.kill()


def test_an_interrupted_run_leaves_the_old_proof(proven: Place):
    before = (proven.root / "proofs" / "alpha.json").read_bytes()
    proven.write("alpha", step("$ sleep 1000"))
    process = proven.start("prove", "alpha")
    until(lambda: [path for path in proven.sandboxes if alive(path.name)])
    process.send_signal(signal.SIGINT)
    assert ended(process).code == 2
    assert (proven.root / "proofs" / "alpha.json").read_bytes() == before
    assert proven.provenv("status").code == 1


# --- secrets ----------------------------------------------------------------------------------------------------------------------------

PLANTED = {
    "FOO_TOKEN": "planted-token-0f9e8d7c",
    "DB_PASSWORD": "planted password 17",
    "LONG_SECRET": "planted" + "x" * 400,
    "MY_API_KEY": "planted/key+0123",
}
MADE = ["ghp_" + "Ab1" * 12, "hf_" + "Ab" * 17, "AKIA" + "ABCD1234EFGH5678", "glpat-" + "a1B2c3D4" * 3]


def leaks(place: Place, ran: Any, secrets: list[str]) -> list[tuple[str, str]]:
    files = [path for folder in ("proofs", ".provenv") for path in (place.root / folder).rglob("*") if path.is_file()]
    assert files
    texts = {str(path): path.read_text() for path in files} | {"stdout": ran.out, "stderr": ran.err}
    return [
        (where, secret)
        for where, text in texts.items()
        for secret in secrets
        if secret in text or secret in where.removeprefix(str(place.root))
    ]


def prefixes() -> list[str]:
    """The interpreter's prefix, unless it is one that every machine has."""
    return [prefix for prefix in (str(interpreter.find(PYTHON).prefix),) if prefix not in ("/usr", "/usr/local")]


@pytest.mark.parametrize("expected", ["...", "something else"])
def test_nothing_secret_or_local_is_in_what_is_written_or_told(place: Place, index: Index, expected: str):
    index.add("demo", "1.0", "2026-01-01T00:00:00Z")
    address = index.url.replace("//", "//robot17:hunter2secret@")
    prints = [
        "env; set",
        "cat secrets.txt",
        "hostname; uname -n; cat /etc/hostname || true",
        "id; getent passwd $(id -u) || true; whoami",
        "echo $PIP_INDEX_URL; python -c 'import os, urllib.parse as u; print(*u.urlsplit(os.environ[\"PIP_INDEX_URL\"])[:])'",
        "python -c 'import os, urllib.parse as u; a = u.urlsplit(os.environ[\"PIP_INDEX_URL\"]); print(a.username, a.password)'",
        "python -c 'import sys, sysconfig, os; print(sys.path, sysconfig.get_config_var(\"prefix\"), os.path.realpath(sys.executable))'",
        "cat local.txt",
        "df . || true; pwd -P; mount | grep tmp || true; ls -la / ~ ..",
        "cat /proc/self/environ /proc/self/mountinfo /proc/self/maps | tr '\\0' '\\n'",
    ]
    body = (
        "\n".join(f"$ {{ {command}; }} 2>&1\n{expected}" for command in prints)
        + f"\n$ {{ {VENV.strip().split(chr(10))[0][2:]}; }}\n$ printf '%s' one two 1>&2\n{expected}"
    )
    place.write(
        "alpha",
        step(body),
        **{
            "secrets.txt": "\n".join([*PLANTED.values(), *MADE]),
            "local.txt": "password=hunter3secret\nhttps://me:hunter4secret@example.com/x\n",
        },
    )
    ran = place.provenv("prove", PROVENV_INDEX_URL=address, USER="marlene", HOSTNAME="planted-host", **PLANTED)
    assert ran.code == (0 if expected == "..." else 1), ran.told
    secrets = [*PLANTED.values(), *MADE, "hunter2secret", "robot17", "hunter3secret", "hunter4secret", "planted-host", "marlene"]
    secrets += [str(place.temporary), str(place.caches), str(place.root), *prefixes()]
    if len(socket.gethostname()) > 3 and socket.gethostname() != "localhost":
        secrets.append(socket.gethostname())
    if len(Path.home().parts) > 2:
        secrets.append(str(Path.home()))
    assert leaks(place, ran, secrets) == []


def test_a_variable_as_long_as_a_certificate_does_not_stop_the_run_or_get_told(place: Place):
    place.write("alpha", QUICK)
    ran = place.provenv("prove", ID_TOKEN="planted" * 700)
    assert ran.code == 0, ran.told
    assert "planted" not in ran.told
