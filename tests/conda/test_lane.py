"""The conda lane: what is proven by this machine's conda, what by py-rattler in its place, and what by nobody."""

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from conda.conftest import Own, readme, serving
from conftest import AS_OF, Index, Place, alive, ended, step, until
from provenv.conda import channel, package, stand_in
from provenv.conda.package import Content, Package
from provenv.errors import NotRun
from provenv.lanes import conda
from provenv.ledger import standing
from provenv.proof import Proof, required
from provenv.prove import Conditions, Run, follow
from provenv.recipe import Recipe

pytestmark = pytest.mark.usefixtures("led")
MADE = step("$ conda create --prefix ./env --yes demo\n...", 'id="create" instead="rattler-conda create --prefix ./env demo"')
LOOK = step("$ cat env/share/demo.txt\ndemo 2.0", 'id="look"')


@pytest.fixture
def led(own: Own, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lane finds no conda on this machine, and takes the test's own channel for conda-forge."""
    monkeypatch.setenv(channel.GIVEN, own.address)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    for name in (conda.CHOICE, "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


def run(place: Place, body: str, files: dict[str, str] | None = None, **changes: str) -> Run:
    """Follow the only scenario of a recipe."""
    recipe = place.recipe("boxes", readme(body, **changes), **(files or {}))
    return follow(recipe, required(recipe)[0], Conditions(caches=place.caches))


def proven(result: Run) -> Proof:
    assert result.proof.failure is None, (result.proof.failure, result.records, result.diff)
    return result.proof


def failed(result: Run) -> str:
    """The sentence of a failure."""
    assert result.proof.failure is not None, "it is green"
    return result.proof.failure.sentence


def not_run(place: Place, body: str = MADE) -> str:
    """Why a scenario was not run."""
    with pytest.raises(NotRun) as reason:
        run(place, body)
    return str(reason.value)


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    """Puts a program of some name on this machine's PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")

    def put(name: str, script: str) -> Path:
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
        return folder / name

    return put


HANDS_ON = f'''
case "$1" in --version) echo "conda 99.1"; exit;; esac
case "$1 $2" in "shell.bash hook"|"shell hook") exit;; esac
exec "{sys.executable}" -I -m provenv.conda.program "$@"'''
"""A conda that works, since it hands on to `rattler-conda`."""


# --- what runs in the place of a step ------------------------------------------------------------------------------------------------


def test_a_step_that_is_stood_in_for_is_told_so_and_no_other_is(place: Place):
    result = run(place, MADE + LOOK)
    create, look = proven(result).steps
    assert (create.not_run, create.instead) == ("no conda on the machine", "rattler-conda create --prefix ./env demo")
    assert [each.exit_code for each in create.commands] == [0]
    assert (look.not_run, look.instead) == (None, None)
    assert result.records[0].commands[0].command == "rattler-conda create --prefix ./env demo"
    assert result.records[0].commands[0].output == ["linked demo 2.0 0", "linked words 2.0 0"]


def test_a_proof_tells_what_made_the_environments_and_from_where(place: Place):
    proof = proven(run(place, MADE + LOOK))
    assert proof.conda is not None
    assert proof.conda.backend.startswith("py-rattler 0.")
    assert proof.conda.channel == "the channel that PROVENV_CONDA_CHANNEL names"
    assert proof.stand_ins == [stand_in.SAID_OF_TINY]
    (env,) = proof.environments
    assert (env.path, env.packages) == ("~/boxes/env", [])
    assert [(each.name, each.version, each.build) for each in env.conda or []] == [("demo", "2.0", "0"), ("words", "2.0", "0")]


def test_the_python_of_a_proof_is_the_one_that_conda_took(place: Place):
    body = step("$ conda create --prefix ./env --yes python\n...", 'id="a" instead="rattler-conda create --prefix ./env python"')
    for python, version in (("3.11", "3.11.9"), ("3.12", "3.12.4")):
        assert proven(run(place, body, pythons=f'["{python}"]')).interpreter == version


def test_what_is_run_in_the_place_of_a_step_must_end_as_the_step(place: Place):
    missing = 'id="a" instead="rattler-conda create --prefix ./none no-such-package"'
    assert "ended with exit code 1, expected 0" in failed(run(place, MADE + step("$ conda create no-such-package", missing)))
    proven(run(place, MADE + step("$ conda create no-such-package", missing + ' exit="1"')))
    good = MADE.replace('id="create"', 'id="create" exit="1"')
    assert "ended with exit code 0, expected 1" in failed(run(place, good))


def test_nothing_is_run_where_nothing_is_said_to_be(place: Place):
    proof = proven(run(place, MADE + step("$ conda init bash\n...", 'id="init" instead=""') + LOOK))
    init = proof.steps[1]
    assert (init.commands, init.not_run, init.instead) == ([], "no conda on the machine", "")


def test_activation_reaches_the_steps_after_it(place: Place):
    files = MADE.replace("demo", "python demo").replace("./env python demo", "./env 'python' demo")
    body = files + step("$ conda activate ./env", 'id="activate" instead="source <(rattler-conda activate ./env)"')
    proven(run(place, body + step('$ python; echo "$CONDA_PREFIX"\nPython 3.11.9\n/home/you/boxes/env', 'id="where"')))


def test_a_step_that_says_nothing_of_it_is_run_itself(place: Place):
    assert "`conda --version` ended with exit code 127" in failed(run(place, MADE + step("$ conda --version")))


def test_a_reader_has_no_python_and_the_index_is_held(place: Place):
    body = step('$ command -v python python3 pip conda mamba || echo "none"; command -v rattler-conda > /dev/null\nnone')
    proven(run(place, MADE + body))


# --- which command --------------------------------------------------------------------------------------------------------------------


def test_without_conda_and_py_rattler_it_is_not_run(place: Place, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "rattler", None)
    assert "no conda, mamba or micromamba on PATH, and py-rattler is not installed beside provenv" in not_run(place)
    assert place.sandboxes == []


def test_a_command_of_an_unknown_name_is_not_run(place: Place, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(conda.CHOICE, "anaconda")
    assert not_run(place) == "PROVENV_CONDA is `anaconda`; it names `conda`, `mamba`, `micromamba` or `rattler`"


@pytest.mark.parametrize("name", ["conda", "mamba", "micromamba"])
def test_a_command_that_is_asked_for_and_not_there_is_not_run(place: Place, monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setenv(conda.CHOICE, name)
    assert not_run(place) == f"PROVENV_CONDA asks for {name}, and there is none on PATH"


def test_the_conda_of_the_machine_runs_the_steps_themselves(place: Place, on_path: Callable[[str, str], Path]):
    on_path("conda", HANDS_ON)
    result = run(place, MADE + step("$ conda --version\nconda 99.1", 'id="version" instead=""') + LOOK)
    proof = proven(result)
    assert proof.conda is not None
    assert proof.conda.backend == "conda 99.1"
    assert [(each.not_run, each.instead) for each in proof.steps] == [(None, None)] * 3
    assert result.records[0].commands[0].command == "conda create --prefix ./env --yes demo"


def test_its_output_is_what_a_page_expects(place: Place, on_path: Callable[[str, str], Path]):
    on_path("conda", HANDS_ON)
    body = MADE + step("$ conda --version\nconda 98.0", 'id="version" instead=""')
    assert failed(run(place, body)) == "`conda --version` did not print what is expected"


def test_rattler_stands_in_for_a_conda_that_is_there_where_that_is_asked_for(
    place: Place, on_path: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
):
    on_path("conda", HANDS_ON)
    monkeypatch.setenv(conda.CHOICE, "rattler")
    assert proven(run(place, MADE + LOOK)).steps[0].instead == "rattler-conda create --prefix ./env demo"


@pytest.mark.parametrize(
    "script",
    [
        "exit 0",
        'mkdir -p env/share; echo "demo 2.0" > env/share/demo.txt',
        "mkdir -p env/conda-meta env/share; echo demo 2.0 > env/share/demo.txt",
    ],
)
def test_a_conda_that_does_nothing_is_red(place: Place, on_path: Callable[[str, str], Path], script: str):
    on_path("conda", script)
    assert "no step left a conda environment" in failed(run(place, MADE + step("$ true", 'id="more"')))


def test_a_conda_that_leaves_a_record_that_nobody_can_read_is_red(place: Place, on_path: Callable[[str, str], Path]):
    on_path("conda", 'mkdir -p env/conda-meta; echo "{" > env/conda-meta/demo-2.0-0.json')
    failed(run(place, MADE))


@pytest.mark.parametrize("name", ["mamba", "micromamba"])
def test_another_command_gets_the_steps_in_its_own_name(place: Place, on_path: Callable[[str, str], Path], name: str):
    on_path(name, HANDS_ON)
    body = step(
        "$ conda create --prefix ./env --yes --channel conda-forge demo\n...\n$ conda list --prefix ./env > ~/conda.txt\n$ ls ~/conda.txt\n...",
        'id="create" instead="rattler-conda create --prefix ./env demo"',
    )
    proof = proven(run(place, body + LOOK))
    create = proof.steps[0]
    assert create.not_run == f"{name} is the machine's conda"
    assert create.instead is not None
    assert f"{name} create --prefix ./env --yes --channel conda-forge demo" in create.instead
    assert f"{name} list --prefix ./env > ~/conda.txt" in create.instead
    assert "conda create" not in create.instead
    assert proof.conda is not None
    assert proof.conda.backend.startswith(f"{name} ")


def test_another_command_that_fails_in_the_middle_of_a_step_is_red(place: Place, on_path: Callable[[str, str], Path]):
    on_path("mamba", HANDS_ON)
    body = step("$ conda create --prefix ./other --yes no-such-package\n...\n$ conda info\n...", 'id="other" instead=""')
    failed(run(place, MADE + body))


def test_a_machine_with_conda_needs_no_py_rattler(place: Place, on_path: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch):
    on_path("conda", HANDS_ON)
    monkeypatch.setitem(sys.modules, "rattler", None)
    proven(run(place, MADE + LOOK))


# --- what proves nothing --------------------------------------------------------------------------------------------------------------


def test_a_scenario_that_leaves_no_environment_is_red(place: Place):
    sentence = "no step left a conda environment, so nothing proves that the commands did what they say"
    assert failed(run(place, step("$ true", 'id="a" instead="true"'))) == sentence
    assert failed(run(place, MADE + step("$ conda env remove --prefix ./env\n...", 'id="b" instead="rm -r ./env"'))) == sentence
    assert failed(run(place, step("$ mkdir -p env/conda-meta"))) == sentence


def test_an_environment_that_is_half_there_is_red(place: Place):
    body = MADE + step("$ touch env/conda-meta/provenv-unfinished", 'id="half"')
    assert failed(run(place, body)) == "the environment `env` is only half there"


def test_one_half_environment_among_whole_ones_is_red(place: Place):
    other = MADE.replace("./env", "./other").replace('"create"', '"other"')
    assert "`other` is only half there" in failed(
        run(place, MADE + other + step("$ touch other/conda-meta/provenv-unfinished", 'id="half"'))
    )


NEW = datetime.fromisoformat(AS_OF).replace(tzinfo=UTC)
LISTED = step(
    "$ conda create --prefix ./env --yes --file list.txt\n...", 'id="create" instead="rattler-conda create --prefix ./env --file list.txt"'
)


@pytest.mark.parametrize(("released", "green"), [(NEW - timedelta(seconds=1), True), (NEW, False), (NEW + timedelta(days=3), False)])
def test_a_package_that_was_built_after_the_freeze_date_is_red(place: Place, own: Own, released: datetime, green: bool):
    own.add("late", "1.0", released=released)
    result = run(place, LISTED, {"list.txt": f"@EXPLICIT\n{own.address}/noarch/late-1.0-0.conda\n"})
    if green:
        proven(result)
    else:
        assert failed(result) == f"the channel was not held: late 1.0 was built on {released.date()}, after the freeze date"


def test_a_package_that_a_step_built_itself_may_be_new(place: Place, own: Own, tmp_path: Path):
    folder = tmp_path / "built"
    made = Package("late", "1.0", "0", "noarch", NEW + timedelta(days=3), {"share/late.txt": Content(b"late\n")}, noarch="generic")
    package.write_index(folder, [package.write(made, folder)], stand_in.SUBDIRS)
    body = step(
        f"$ conda create --prefix ./env --yes -c file://{folder} late\n...",
        f'id="create" instead="rattler-conda create --prefix ./env -c file://{folder} late"',
    )
    proven(run(place, body))


def test_with_the_index_of_today_nothing_is_too_new(place: Place, own: Own):
    own.add("late", "1.0", released=NEW + timedelta(days=3))
    recipe = place.recipe("boxes", readme(LISTED), **{"list.txt": f"@EXPLICIT\n{own.address}/noarch/late-1.0-0.conda\n"})
    proven(follow(recipe, required(recipe)[0]._replace(as_of="today"), Conditions(caches=place.caches)))


def test_the_channel_is_held_at_the_freeze_date(place: Place, own: Own):
    own.add("demo", "3.0", released=NEW + timedelta(days=3))
    proven(run(place, MADE + LOOK))


def test_an_environment_that_was_there_before_the_first_step_is_red(place: Place):
    folder = place.write("boxes", readme(step("$ true")))
    (folder / "env/conda-meta").mkdir(parents=True)
    (folder / "env/conda-meta/demo-2.0-0.json").write_text(json.dumps({"name": "demo", "version": "2.0", "build": "0"}))
    assert failed(run(place, step("$ true")))


@pytest.mark.parametrize("need", ["gpu", "docker"])
def test_what_the_lane_does_not_offer_is_not_run(place: Place, need: str):
    with pytest.raises(NotRun, match=f"the conda lane does not offer `{need}`"):
        run(place, MADE, needs=f"[{need}]")


def test_a_channel_that_goes_away_is_red_and_never_green(place: Place, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(channel.GIVEN, "http://127.0.0.1:1/conda-forge")
    result = run(place, MADE + LOOK)
    assert "ended with exit code 1, expected 0" in failed(result)
    assert result.records[0].commands[0].output[0].startswith("rattler-conda: the channel does not answer")


def test_the_password_of_the_channel_is_never_shown(place: Place, own: Own, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(channel.GIVEN, own.address.replace("//", "//reader:hunter-seven@"))
    body = MADE + step('$ rattler-conda list --prefix ./env --explicit; cat "$CONDARC"\n...', 'id="show"')
    body += step("$ grep -o 'hunter[^@]*' \"$CONDARC\"\n...", 'id="alone"')
    result = run(place, body)
    assert "hunter" not in str([command.output for record in result.records for command in record.commands])
    assert proven(result)


# --- pip beside conda ----------------------------------------------------------------------------------------------------------------


def test_the_packages_of_conda_and_those_of_pip_are_told_apart(
    place: Place, index: Index, forge: Path, unreached: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setattr(stand_in, "folder", lambda caches: forge)
    index.add("demo", "1.0", "2026-01-01T00:00:00Z")
    index.add("demo", "2.0", f"{AS_OF}T00:00:00Z")
    body = step(
        "$ conda create --prefix ./env --yes python pip six\n...", 'id="a" instead="rattler-conda create --prefix ./env python pip six"'
    )
    body += step("$ env/bin/python -m pip install --quiet demo\n$ env/bin/python -c 'import demo; print(demo.__version__)'\n1.0", 'id="b"')
    proof = proven(run(place, body))
    (env,) = proof.environments
    assert [(each.name, each.version, each.local) for each in env.packages] == [("demo", "1.0", False)]
    assert {"python", "pip", "six"} <= {each.name for each in env.conda or []}
    assert proof.interpreter.startswith("3.11.")
    assert proof.conda is not None
    assert proof.conda.channel == "stand-in channel"
    assert proof.stand_ins == [stand_in.SAID, stand_in.SAID_OF_TINY]


def test_what_pip_installs_is_held_at_the_freeze_date_too(place: Place, index: Index):
    index.add("demo", "1.0", f"{AS_OF}T00:00:00Z")
    info = "env/lib/python3.11/site-packages/demo-1.0.dist-info"
    body = MADE + step(f"$ mkdir -p {info}; printf 'Name: demo\\nVersion: 1.0\\n' > {info}/METADATA", 'id="pip"')
    assert "the index was not held: demo 1.0" in failed(run(place, body))


# --- how it stands ----------------------------------------------------------------------------------------------------------------------


def stands(recipe: Recipe, proof: Proof, until_day: date | None) -> tuple[str, str]:
    found = standing(recipe, required(recipe)[0], proof, timedelta(days=30), datetime.now(UTC), until_day)
    return found.outcome, found.reason


def test_a_scenario_is_excused_until_a_day_and_not_run_after_it(place: Place):
    proof = proven(run(place, MADE + LOOK))
    (recipe,), today = place.project.recipes, datetime.now(UTC).date()
    assert stands(recipe, proof, today) == ("proven", "1 of 2 steps were not run themselves (no conda on the machine)")
    for day in (today - timedelta(days=1), None):
        assert stands(recipe, proof, day) == ("not run", "the step `create` was not run itself (no conda on the machine)")


def test_the_command_line_says_so_too(place: Place):
    place.write("boxes", readme(MADE + LOOK))
    assert place.provenv("prove", "boxes").code == 0
    assert place.provenv("pin").code == 0
    for settings, code in ((f"instead-until = {datetime.now(UTC).date()}\n", 0), ("instead-until = 2026-01-01\n", 2), ("", 2)):
        (place.root / "pyproject.toml").write_text(f"[tool.provenv]\n{settings}")
        told = place.provenv("status")
        assert (told.code == 0) == (code == 0), told.told
        assert "no conda on the machine" in told.told


# --- Ctrl-C -------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_nothing_behind(place: Place, own: Own, number: signal.Signals):
    own.add("slow", depends=["demo"], files={"share/slow.txt": Content(os.urandom(8))})  # which no cache has
    own.server.held.append("slow")
    place.write("boxes", readme(MADE.replace("demo", "slow")))
    process = place.start("prove", "boxes", PROVENV_CACHE=str(place.caches))
    assert own.server.waiting.wait(60)
    (box,) = place.sandboxes
    assert alive(box.name)
    process.send_signal(number)
    assert ended(process).code == 2
    assert place.proofs("boxes") == []
    assert place.sandboxes == []
    until(lambda: not alive(box.name), 5)
    own.server.go.set()
    own.server.held.clear()
    assert place.provenv("prove", "boxes").code == 0


# --- another channel ------------------------------------------------------------------------------------------------------------------------


def test_a_second_channel_that_holds_the_same_names_gives_the_same_proof(
    place: Place, own: Own, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    one = proven(run(place, MADE + LOOK))
    with serving(tmp_path / "second") as other:
        assert other.address != own.address
        monkeypatch.setenv(channel.GIVEN, other.address)
        two = proven(run(place, MADE + LOOK))
        assert other.asked("repodata") > 0
    assert [(step.id, step.transcript, step.not_run, step.instead) for step in one.steps] == [
        (step.id, step.transcript, step.not_run, step.instead) for step in two.steps
    ]
    assert one.environments == two.environments
    assert (one.conda, one.stand_ins, one.content, one.interpreter) == (two.conda, two.stand_ins, two.content, two.interpreter)
