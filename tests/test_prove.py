"""A scenario is followed as a reader would, and its proof says what happened: nothing more, and nothing else."""

import os
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conftest import AS_OF, PYTHON, Index, Place, matter, pythons, step, until
from provenv import interpreter, prove
from provenv.errors import NotRun
from provenv.lanes.venv import VenvLane
from provenv.proof import TODAY, Key, required
from provenv.prove import Cancelled, Conditions, Run, Skipped, follow, follow_all
from provenv.recipe import Recipe


def run(place: Place, text: str, files: dict[str, str] | None = None, **conditions: bool) -> Run:
    """Follow the only scenario of a recipe."""
    recipe = place.recipe("hello", text, **(files or {}))
    return follow(recipe, required(recipe)[0], Conditions(caches=place.caches, **conditions))


def failed(result: Run) -> str:
    """The sentence of a failure."""
    assert result.proof.outcome == "failed"
    assert result.proof.failure is not None
    return result.proof.failure.sentence


def proven(result: Run) -> Run:
    assert result.proof.failure is None, (result.proof.failure, result.diff)
    return result


def line_of(place: Place, text: str) -> int:
    """Line of the README that holds a text, counted from 1."""
    lines = place.readme("hello").read_text().split("\n")
    (line,) = [number for number, each in enumerate(lines, 1) if text in each]
    return line


# --- what a proof says ------------------------------------------------------------------------------------------------------

GREEN = step(
    "$ python -m venv --without-pip .venv\n$ source .venv/bin/activate\n$ python -c 'import sys; print(sys.prefix)'\n/home/you/hello/.venv"
) + step("$ cat none\ncat: none: No such file or directory", 'id="fail" exit="1"')


def test_a_green_scenario_is_proven_with_all_that_ran(place: Place):
    before = datetime.now(UTC) - timedelta(seconds=2)
    result = proven(run(place, GREEN))
    proof = result.proof
    assert (proof.scenario, proof.lane, proof.python, proof.as_of, proof.outcome) == ("main", "venv", PYTHON, AS_OF, "proven")
    assert [(each.id, [command.exit_code for command in each.commands]) for each in proof.steps] == [("first", [0, 0, 0]), ("fail", [1])]
    assert proof.content == place.project.recipes[0].content
    assert before <= proof.ran_at <= datetime.now(UTC)
    assert proof.seconds >= sum(command.seconds for each in proof.steps for command in each.commands) > 0
    assert proof.interpreter == interpreter.find(PYTHON).version
    assert proof.platform.system == "Linux" or sys.platform != "linux"
    assert [(each.path, each.packages) for each in proof.environments] == [("~/hello/.venv", [])]
    assert (proof.stand_ins, result.diff, result.updates) == ([], "", [])


@pytest.mark.parametrize("python", pythons())
def test_python_is_the_one_that_was_asked_for(place: Place, python: str):
    code = 'import sys; print(*sys.version_info[:2], sep=".")'
    text = step(f"$ python -c '{code}'\n{python}\n$ python3 -c '{code}'\n{python}\n$ python{python} -c '{code}'\n{python}")
    proven(run(place, matter(pythons=f'["{python}"]') + text))


def test_the_transcript_is_what_was_printed_and_its_hash_follows_it(place: Place):
    one = proven(run(place, step("$ echo one; date +%N\n...")))
    assert [command.output[0] for command in one.records[0].commands] == ["one"]
    two = proven(run(place, step("$ echo one; date +%N\n...")))
    assert one.proof.steps[0].transcript != two.proof.steps[0].transcript
    three, four = (proven(run(place, step("$ echo same\nsame"))) for _ in range(2))
    assert three.proof.steps[0].transcript == four.proof.steps[0].transcript


def test_steps_share_a_shell_and_scenarios_do_not(place: Place):
    text = matter(scenarios="{one: One, two: Two}") + "## One\n\n" + step("$ export LEFT=1; cd /; touch ~/left", 'id="a"')
    text += (
        step('$ echo "$LEFT"; pwd; ls ~\n1\n/\nhello\nleft', 'id="b"')
        + "## Two\n\n"
        + step('$ echo "[$LEFT]"; pwd; ls ~\n[]\n/home/you/hello\nhello', 'id="c"')
    )
    recipe = place.recipe("hello", text)
    for key in required(recipe):
        proven(follow(recipe, key, Conditions(caches=place.caches)))


def test_the_date_reaches_the_tools_and_today_does_not(place: Place):
    recipe = place.recipe("hello", step('$ echo "${PIP_UPLOADED_PRIOR_TO-none} ${UV_EXCLUDE_NEWER-none}"\n[..]'))
    key = required(recipe)[0]
    seen = [
        follow(recipe, each, Conditions(caches=place.caches)).records[0].commands[0].output for each in (key, key._replace(as_of=TODAY))
    ]
    assert seen == [[f"{AS_OF}T00:00:00Z {AS_OF}T00:00:00Z"], ["none none"]]


# --- sabotage -----------------------------------------------------------------------------------------------------------------


def test_output_that_differs_by_one_character_fails_at_its_line_with_a_diff(place: Place):
    result = run(place, step("$ echo one\none\n$ echo True; echo two\nTrue\ntwO\n$ touch ran"))
    assert failed(result) == "`echo True; echo two` did not print what is expected"
    assert (result.proof.failure.step, result.proof.failure.line) == ("first", line_of(place, "twO") - 1)
    assert result.diff.split("\n")[-3:] == [" True", "-twO", "+two"]


@pytest.mark.parametrize(
    "body",
    [
        "$ echo one",
        "$ true\none",
        "$ echo one\n...\ntwo",
        "$ echo one\none\n\none",
        "$ printf 'a\\n\\n\\nb\\n'\na\nb",
        "$ echo False\nTrue",
    ],
)
def test_output_that_is_missing_or_too_much_fails(place: Place, body: str):
    assert "did not print what is expected" in failed(run(place, step(body)))


@pytest.mark.parametrize("body", ["$ seq 2001\n...\n2000", "$ seq 2001\n...\n1999\n2000", "$ seq 3000\n1\n...\n2000"])
def test_a_long_output_that_goes_on_after_the_expected_end_fails(place: Place, body: str):
    assert "did not print what is expected" in failed(run(place, step(body)))


@pytest.mark.parametrize(
    ("body", "options", "sentence"),
    [
        ("$ false", 'id="a"', "`false` ended with exit code 1, expected 0"),
        ("$ true", 'id="a" exit="1"', "`true` ended with exit code 0, expected 1"),
        ("$ (exit 2)", 'id="a" exit="1"', "`(exit 2)` ended with exit code 2, expected 1"),
        ("$ false\n$ false", 'id="a" exit="1"', "`false` ended with exit code 1, expected 0"),
        ("$ pyhton -c 1", 'id="a"', "`pyhton -c 1` ended with exit code 127, expected 0"),
        ("$ pyhton -c 1\n...", 'id="a"', "`pyhton -c 1` ended with exit code 127, expected 0"),
        ("$ python -m venv\\\n> .venv\n...", 'id="a"', "`python -m venv\\` ended with exit code 1, expected 0"),
        ("$ echo 'open", 'id="a"', "`echo 'open` ended with exit code 2, expected 0"),
    ],
)
def test_a_wrong_exit_code_or_a_mistyped_command_fails_at_its_line(place: Place, body: str, options: str, sentence: str):
    result = run(place, step(body, options))
    assert failed(result) == sentence
    assert result.proof.failure.line == place.readme("hello").read_text().split("\n").index(body.split("\n", maxsplit=1)[0]) + 1


def test_the_right_output_does_not_excuse_the_wrong_exit_code(place: Place):
    result = run(place, step("$ echo one; false\none"))
    assert "exit code 1, expected 0" in failed(result)


def test_the_right_exit_code_does_not_excuse_the_wrong_output(place: Place):
    result = run(place, step("$ echo one; false\ntwo", 'id="a" exit="1"'))
    assert "did not print" in failed(result)


def test_after_a_failure_nothing_runs(place: Place):
    result = run(place, step("$ true\n$ false\n$ touch ran") + step("$ touch ran", 'id="second"'))
    assert [(each.id, len(each.commands)) for each in result.proof.steps] == [("first", 2)]


def test_the_limit_is_that_of_the_whole_step(place: Place):
    begun = time.monotonic()
    result = run(place, step("$ sleep 0.7\n$ sleep 0.7\n$ sleep 1000", 'id="a" timeout="1"'))
    assert "did not end within the step's 1 seconds" in failed(result)
    assert len(result.proof.steps[0].commands) <= 2
    assert time.monotonic() - begun < 30


def test_a_flood_and_the_end_of_the_shell_fail(place: Place):
    assert failed(run(place, step("$ yes\n..."))) == "`yes` printed more than 4 MiB"
    assert failed(run(place, step("$ exit 0"))) == "`exit 0` ended the shell (exit code 0)"
    assert failed(run(place, step("$ exit 3", 'id="a" exit="3"'))) == "`exit 3` ended the shell (exit code 3)"


# --- what was there before ------------------------------------------------------------------------------------------------------

DISTRIBUTION = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"
INSTALLS = """
$ python -m venv --without-pip .venv
$ site=$(echo .venv/lib/python3*/site-packages)
$ mkdir "$site/demo-1.0.dist-info"
$ printf 'Metadata-Version: 2.1\\nName: demo\\nVersion: 1.0\\n' > "$site/demo-1.0.dist-info/METADATA"
"""


def test_an_environment_in_the_folder_was_there_before_the_first_step(place: Place):
    folder = place.write("hello", GREEN)
    (folder / "sub" / ".venv").mkdir(parents=True)
    (folder / "sub" / ".venv" / "pyvenv.cfg").write_text("")
    recipe = place.project.recipes[0]
    result = follow(recipe, required(recipe)[0], Conditions(caches=place.caches))
    assert failed(result) == "an environment (`sub/.venv`) was there before the first step; delete it from the recipe's folder"
    assert result.proof.steps == []


@pytest.mark.parametrize("name", ["demo-1.0.dist-info", "lib/demo-1.0.dist-info", "demo.egg-info"])
def test_a_distribution_in_the_folder_was_there_before_the_first_step(place: Place, name: str):
    folder = place.write("hello", GREEN)
    (folder / name).mkdir(parents=True)
    (folder / name / "METADATA").write_text(DISTRIBUTION)
    recipe = place.project.recipes[0]
    sentence = failed(follow(recipe, required(recipe)[0], Conditions(caches=place.caches)))
    assert f"`{Path(name).name}`" in sentence
    assert "was there before the first step" in sentence


@pytest.mark.parametrize("module", ["demo.py", "demo/__init__.py", "demo.so", "src/demo.py"])
def test_a_module_of_the_name_of_what_is_installed_was_there_before(place: Place, index: Index, module: str):
    index.add("demo", "1.0", "2026-01-01T00:00:00Z")
    folder = place.write("hello", step(INSTALLS))
    recipe = place.project.recipes[0]
    proven(follow(recipe, required(recipe)[0], Conditions(caches=place.caches)))
    (folder / module).parent.mkdir(exist_ok=True)
    (folder / module).write_text("")
    recipe = place.project.recipes[0]
    result = follow(recipe, required(recipe)[0], Conditions(caches=place.caches))
    if module in ("demo.so", "src/demo.py"):
        return  # not importable from the folder as it is; only what shadows the package counts
    assert failed(result) == "demo was already there before the first step, so nothing proves that a step installs it"


def test_what_a_step_puts_into_the_interpreter_itself_is_not_there_for_the_next_recipe(place: Place, tmp_path: Path):
    caches = tmp_path / "caches"
    first = place.recipe("first", step('$ python -c \'import sysconfig; open(sysconfig.get_path("purelib") + "/planted.py", "w")\''))
    second = place.recipe(
        "second", step("$ python -c 'import planted'\n...\nModuleNotFoundError: No module named 'planted'", 'id="a" exit="1"')
    )
    follow(first, required(first)[0], Conditions(caches=caches))
    proven(follow(second, required(second)[0], Conditions(caches=caches)))


# --- the freeze date --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("uploaded", ["2026-11-01T00:00:00Z", "2026-11-20T00:00:00Z", None])
def test_what_the_index_did_not_have_at_the_date_fails(place: Place, index: Index, uploaded: str | None, tmp_path: Path):
    index.add("demo", "1.0", uploaded)
    recipe = place.recipe("hello", step(INSTALLS))
    key = required(recipe)[0]
    assert "the index was not held: demo 1.0" in failed(follow(recipe, key, Conditions(caches=place.caches)))
    proven(follow(recipe, key._replace(as_of=TODAY), Conditions(caches=place.caches)))


def test_what_the_index_had_is_in_the_proof(place: Place, index: Index):
    index.add("demo", "1.0", "2026-10-31T00:00:00Z")
    (environment,) = proven(run(place, step(INSTALLS))).proof.environments
    assert [(each.name, each.version, each.local) for each in environment.packages] == [("demo", "1.0", False)]


def test_what_is_local_is_in_the_proof_and_is_not_asked_for(place: Place, index: Index):
    text = step(INSTALLS + "$ echo '{}' > \"$site/demo-1.0.dist-info/direct_url.json\"")
    (environment,) = proven(run(place, text)).proof.environments
    assert [(each.name, each.local) for each in environment.packages] == [("demo", True)]
    assert index.asked == []


def test_every_environment_that_was_left_is_in_the_proof(place: Place):
    text = step(
        "$ python -m venv --without-pip .venv\n$ python -m venv --without-pip ~/other\n$ python -m venv --without-pip gone && rm -r gone"
    )
    assert [each.path for each in proven(run(place, text)).proof.environments] == ["~/hello/.venv", "~/other"]


def test_an_index_that_is_out_of_order_gives_not_run(place: Place, index: Index):
    index.answers["/simple/demo/"] = (500, "text/plain", b"")
    with pytest.raises(NotRun, match="answers 500"):
        run(place, step(INSTALLS))


def test_what_stands_in_for_something_is_named_in_the_proof(place: Place, index: Index):
    prove.index.json_api_stand_in.cache_clear()
    result = proven(run(place, matter(needs="[pypi-json]") + step('$ test -n "$POETRY_PYPI_MIRROR_URL"')))
    assert len(result.proof.stand_ins) == 1
    assert "JSON API" in result.proof.stand_ins[0]
    prove.index.json_api_stand_in.cache_clear()


# --- what cannot be attempted -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"lanes": "[conda]", "needs": "[gpu]"}, "the conda lane does not offer `gpu`"),
        ({"pythons": '["3.99"]'}, "no CPython 3.99"),
        ({"needs": "[gpu]"}, "does not offer `gpu`"),
        ({"needs": "[docker]"}, "does not offer `docker`"),
    ],
)
def test_what_this_machine_lacks_is_not_run(place: Place, changes: dict[str, str], reason: str):
    with pytest.raises(NotRun, match=reason):
        run(place, matter(**changes) + GREEN)
    assert place.sandboxes == []


def test_a_recipe_that_changes_while_it_runs_is_not_run(place: Place):
    recipe = place.recipe("hello", step("$ until test -e ../../../go; do sleep 0.05; done"))
    results: list[object] = []

    def one() -> None:
        try:
            results.append(follow(recipe, required(recipe)[0], Conditions(caches=place.caches)))
        except NotRun as reason:
            results.append(str(reason))

    thread = threading.Thread(target=one)
    thread.start()
    (box,) = until(lambda: [path for path in place.sandboxes if (path / "home" / "hello" / "README.md").exists()])
    place.edit("hello", "sleep 0.05", "sleep 0.06")
    (box.parent / "go").touch()
    thread.join()
    assert results == ["the recipe changed while it ran; prove it again"]


def test_a_recipe_that_changed_since_it_was_read_is_not_proven_under_its_new_content(place: Place):
    recipe = place.recipe("hello", step("$ echo old\nold"))
    place.edit("hello", "$ echo old", "$ false  # never ran")
    try:
        result = follow(recipe, required(recipe)[0], Conditions(caches=place.caches))
    except NotRun:
        return
    assert result.proof.failure or result.proof.content != place.project.recipes[0].content


# --- secrets ------------------------------------------------------------------------------------------------------------------------


def test_no_path_of_this_machine_is_shown(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    found = interpreter.find(PYTHON)
    monkeypatch.setenv("HOME", str(tmp_path / "elsewhere"))
    text = step("$ env; set; mount | grep tmp; pwd -P; command -v bash ls\n...") + step(
        "$ python -c 'import sys, sysconfig, os; print(sys.path, sysconfig.get_config_vars(), os.path.realpath(os.__file__), sys._base_executable)'\n...",
        'id="b"',
    )
    result = proven(run(place, text))
    told = "\n".join(line for record in result.records for command in record.commands for line in command.output)
    assert "/home/you/hello" in told
    assert "/usr/local/lib/python" in told
    paths = {str(path) for path in (found.prefix, place.caches, place.root, place.temporary / "provenv-", tmp_path)}
    for path in paths - {"/usr", "/usr/local"}:
        assert path not in told, path


# --- many at once -------------------------------------------------------------------------------------------------------------------


def asked(recipes: list[Recipe]) -> list[tuple[Recipe, Key]]:
    return [(each, key) for each in recipes for key in required(each)]


def test_many_are_followed_and_each_is_given_as_it_ends(place: Place):
    place.write("bad", step("$ false"))
    place.write("good", step("$ true"))
    place.write("lacks", matter(needs="[gpu]") + step("$ true"))
    place.write("slow", step("$ sleep 2"))
    started: list[str] = []
    results = list(follow_all(asked(place.project.recipes), Conditions(caches=place.caches), 4, lambda key: started.append(key.recipe)))
    outcomes = {each.key.recipe: each.proof.outcome if isinstance(each, Run) else "not run" for each in results}
    assert outcomes == {"bad": "failed", "good": "proven", "lacks": "not run", "slow": "proven"}
    assert results[-1].key.recipe == "slow"
    assert sorted(started) == ["bad", "good", "lacks", "slow"]
    assert [each.reason for each in results if isinstance(each, Skipped)] == ["the venv lane does not offer `gpu`"]
    assert place.sandboxes == []


def test_an_unforeseen_error_is_not_run_and_takes_no_other_along(place: Place, monkeypatch: pytest.MonkeyPatch):
    place.write("bad", step("$ true"))
    place.write("good", step("$ true"))
    enter = VenvLane.enter

    def trip(lane, recipe, *rest):
        if recipe.slug == "bad":
            raise ZeroDivisionError("division by zero\nand more")
        return enter(lane, recipe, *rest)

    monkeypatch.setattr(VenvLane, "enter", trip)
    results = {each.key.recipe: each for each in follow_all(asked(place.project.recipes), Conditions(caches=place.caches), 1)}
    assert isinstance(results["good"], Run)
    assert results["bad"].reason.startswith("the engine itself failed: ZeroDivisionError at test_prove.py:")
    assert results["bad"].reason.endswith("(division by zero); please report it")


def test_scenarios_of_a_recipe_wait_for_each_other_where_the_lane_says_so_and_hold_up_no_other(
    place: Place, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(prove.lanes, "ONE_OF_A_RECIPE", ("venv",))
    two = "## A\n\n" + step("$ sleep 1", 'id="a"') + "## B\n\n" + step("$ sleep 1", 'id="b"')
    place.write("long", matter(scenarios="{a: A, b: B}") + two)
    place.write("other", step("$ true"))
    seen: list[str] = []
    ended = follow_all(
        asked(place.project.recipes), Conditions(caches=place.caches), 2, lambda key: seen.append(f"{key.recipe}/{key.scenario}")
    )
    order = [f"{each.key.recipe}/{each.key.scenario}" for each in ended]
    assert seen == ["long/a", "other/main", "long/b"]
    assert order == ["other/main", "long/a", "long/b"]


def test_no_more_run_at_once_than_were_asked_for(place: Place):
    text = step("$ mkdir ../../../running-$$ && sleep 0.3; ls -d ../../../running-* | wc -l; rmdir ../../../running-$$\n[..]")
    for name in ("a", "b", "c"):
        place.write(name, text)
    results = list(follow_all(asked(place.project.recipes), Conditions(caches=place.caches), 1))
    assert [each.records[0].commands[0].output for each in results] == [["1"]] * 3


@pytest.mark.parametrize("jobs", [1, 4])
def test_a_cancelled_run_ends_soon_and_leaves_nothing(place: Place, jobs: int):
    for name in ("a", "b", "c"):
        place.write(name, step("$ sleep 1000"))
    conditions = Conditions(caches=place.caches)
    threading.Timer(1, conditions.cancelled.set).start()
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        list(follow_all(asked(place.project.recipes), conditions, jobs))
    assert time.monotonic() - begun < 30
    assert place.sandboxes == []


def test_a_caller_that_stops_listening_stops_the_run(place: Place):
    place.write("a", step("$ true"))
    place.write("b", step("$ sleep 1000"))
    conditions = Conditions(caches=place.caches)
    results = follow_all(asked(place.project.recipes), conditions, 2)
    assert next(results).key.recipe == "a"
    begun = time.monotonic()
    results.close()
    assert time.monotonic() - begun < 30
    assert conditions.cancelled.is_set()
    assert place.sandboxes == []


def test_a_run_sweeps_what_killed_runs_left(place: Place):
    old = place.temporary / "provenv-old"
    old.mkdir()
    os.utime(old, (0, 0))
    recipe = place.recipe("hello", step("$ true"))
    list(follow_all(asked([recipe]), Conditions(caches=place.caches)))
    assert not old.exists()


# --- updates ------------------------------------------------------------------------------------------------------------------------


def test_an_update_collects_what_was_seen_and_goes_on(place: Place):
    result = run(place, step("$ echo one\ntwo\n$ echo three\nthree\n$ echo four\n...\nfive"), update=True)
    assert [(command.text, lines) for command, lines in proven(result).updates] == [("echo one", ["one"]), ("echo four", ["...", "four"])]


def test_an_update_does_not_excuse_a_wrong_exit_code(place: Place):
    assert "exit code 1" in failed(run(place, step("$ echo one; false"), update=True))
