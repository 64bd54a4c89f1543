"""A README becomes a recipe or one sentence that names the place and the cure; nothing in between."""

import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import AS_OF, Place, matter, step
from provenv import recipe
from provenv.errors import BadInput
from provenv.recipe import Command, Recipe

STEP = step("$ true")


@pytest.fixture
def read(place: Place):
    """Reads a recipe with this README and these files."""
    return lambda text, **files: place.recipe("hello", text, **files)


@pytest.fixture
def refused(place: Place):
    """The error that a README gives."""

    def of(text: str, **files: str) -> BadInput:
        folder = place.write("hello", text, **files)
        with pytest.raises(BadInput) as caught:
            recipe.load(folder)
        return caught.value

    return of


def commands(each: Recipe) -> list[tuple[str, tuple[str, ...]]]:
    return [(command.text, command.expected) for part in each.steps for command in part.commands]


# --- front matter -----------------------------------------------------------------------------------------------------


def test_front_matter_is_read(read):
    each = read(matter(needs="[network, gpu]", pythons='["3.11", "3.13"]', lanes="[venv, conda]") + STEP).matter
    assert (each.title, each.lanes, each.pythons, each.needs) == ("A title", ["venv", "conda"], ["3.11", "3.13"], ["network", "gpu"])
    assert each.as_of == date.fromisoformat(AS_OF)


TRAP = {
    "id": "PV001",
    "group": "locks",
    "symptom": '"ERROR: no"',
    "cause": "Because.",
    "fix": "Do.",
    "scenarios": "{broken: Broken, fixed: Fixed}",
}
SPRUNG = "## Broken\n\n" + step("$ false", 'id="broken" exit="1"') + "## Fixed\n\n" + step("$ true", 'id="fixed"')


def test_a_trap_says_what_it_is(read):
    each = read(matter(**TRAP) + SPRUNG).matter
    assert (each.id, each.group, each.symptom, each.cause, each.fix) == ("PV001", "locks", "ERROR: no", "Because.", "Do.")


@pytest.mark.parametrize("missing", ["id", "group", "symptom", "cause", "fix"])
def test_half_a_trap_is_refused(refused, missing: str):
    sentence = refused(matter(**TRAP | {missing: ""}) + SPRUNG).sentence
    assert sentence == f"a trap has an id, a group, a symptom, a cause and a fix; `{missing}` is missing"


@pytest.mark.parametrize("scenarios", ["", "{broken: Broken, mended: Fixed}", "{worse: Broken, fixed: Fixed}"])
def test_a_trap_without_both_scenarios_is_refused(refused, scenarios: str):
    sentence = refused(matter(**TRAP | {"scenarios": scenarios}) + SPRUNG).sentence
    assert sentence == "a trap has the scenarios `broken` and `fixed`; name the headings that open them"


@pytest.mark.parametrize("value", ["PV1", "pv001", "X001", "PV0001"])
def test_an_id_of_another_form_is_refused(refused, value: str):
    assert "`id`" in refused(matter(**TRAP | {"id": value}) + SPRUNG).sentence


def test_an_id_that_two_traps_have_is_refused(place: Place):
    for slug in ("one", "two"):
        place.write(slug, matter(**TRAP) + SPRUNG)
    with pytest.raises(BadInput, match="the id PV001 is taken by the recipe `one`; take the next free one"):
        _ = place.project.recipes


@pytest.mark.parametrize("value", ["{docker: 23}", '{docker: "new"}', "docker"])
def test_an_engine_without_a_version_is_refused(refused, value: str):
    assert "`engines" in refused(matter(engines=value) + STEP).sentence


@pytest.mark.parametrize("missing", ["title", "summary", "lanes", "pythons", "as_of", "guides"])
def test_a_missing_key_is_refused_by_its_name(refused, missing: str):
    assert f"`{missing.replace('_', '-')}`" in refused(matter(**{missing: ""}) + STEP).sentence


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("title", '""', 2),
        ("title", "[a]", 2),
        ("summary", "x" * 161, 3),
        ("lanes", "[]", 4),
        ("lanes", "[venv, cloud]", 4),
        ("lanes", "venv", 4),
        ("pythons", "[]", 5),
        ("pythons", '["4.0"]', 5),
        ("pythons", '["3.11.7"]', 5),
        ("as_of", "soon", 6),
        ("as_of", "2026-13-45", 6),
        ("as_of", '"2026-13-45"', 6),
        ("as_of", "2026-11-01T10:00:00Z", 6),
        ("guides", "[]", 7),
        ("guides", "[Not A Name]", 7),
        ("needs", "[magic]", 8),
        ("scenarios", '{"Not A Name": "Title"}', 8),
        ("scenarios", '{name: ""}', 8),
        ("tilte", "A title", 8),
    ],
)
def test_a_value_that_does_not_fit_is_refused_at_its_line(refused, key: str, value: str, line: int):
    error = refused(matter(**{key: value}) + STEP)
    assert error.line == line
    assert str(error).startswith(str(error.path))


def test_a_python_without_quotes_is_refused_with_the_cure(refused):
    assert 'quote it, as in "3.11"' in refused(matter(pythons="[3.10]") + STEP).sentence


def test_an_unknown_key_is_refused_by_its_name(refused):
    assert "`tilte`" in refused(matter(tilte="A title") + STEP).sentence


def test_a_key_that_stands_twice_is_refused_at_the_second(refused):
    error = refused(matter().replace("summary:", "title: B\nsummary:") + STEP)
    assert "`title` twice" in error.sentence
    assert error.line == 3


@pytest.mark.parametrize("twice", [{"pythons": '["3.11", "3.11"]'}, {"lanes": "[venv, venv]"}])
def test_a_proof_that_is_asked_for_twice_is_refused(refused, twice: dict[str, str]):
    assert "twice" in refused(matter(**twice) + STEP).sentence


@pytest.mark.parametrize(
    "text",
    [STEP, "", "title: A\n", "---\n---\n", "--\ntitle: A\n--\n", "---\ntitle: A\n", "\n---\ntitle: A\n---\n", "\n" + matter()],
)
def test_a_readme_without_front_matter_is_refused_at_its_first_line(place: Place, text: str):
    folder = place.write("hello", STEP)
    (folder / "README.md").write_text(text)
    with pytest.raises(BadInput, match="must begin with front matter") as caught:
        recipe.load(folder)
    assert caught.value.line == 1


@pytest.mark.parametrize(
    "value",
    [
        "a: b",
        "{",
        "'open",
        "&a {b: *a}",
        "!!float x",
        "!!int x",
        "!!bool x",
        "!!timestamp x",
        '"a\x07b"',
        "a\x07b",
        "!!python/name:os.system",
        "*none",
        "? [a]",
        "[" * 500,
    ],
)
def test_front_matter_that_is_no_yaml_is_refused(refused, value: str):
    assert refused(matter(title=value) + STEP).line is not None


def test_a_readme_that_is_not_utf_8_is_refused(place: Place):
    folder = place.write("hello", STEP)
    (folder / "README.md").write_bytes(matter().encode() + b"\xff")
    with pytest.raises(BadInput, match="not UTF-8"):
        recipe.load(folder)


def test_a_folder_without_a_readme_is_refused(place: Place):
    folder = place.write("hello", STEP, other="x")
    (folder / "README.md").unlink()
    with pytest.raises(BadInput, match="has no README"):
        recipe.load(folder)


@pytest.mark.parametrize("name", ["Hello", "hello_world", "-hello", "hello-", "a--b", "hello world"])
def test_a_folder_that_is_not_named_in_small_letters_is_refused(place: Place, name: str):
    with pytest.raises(BadInput, match="rename it"):
        place.recipe(name, STEP)


def test_a_recipe_named_like_the_list_of_proofs_is_refused(place: Place):
    """Its proofs would overwrite `proofs/required.json`."""
    with pytest.raises(BadInput):
        place.recipe("required", STEP)


# --- fences -----------------------------------------------------------------------------------------------------------


def test_a_fence_of_unknown_kind_is_refused_with_its_line(refused):
    error = refused(matter() + "```bash\npip install x\n```\n\n" + STEP)
    assert "`bash` is neither proven nor excused" in error.sentence
    assert error.line == matter().count("\n") + 1


def test_a_fence_without_a_language_is_refused(refused):
    assert "no language" in refused("```\nx\n```\n\n" + STEP).sentence


def test_a_fence_without_a_reason_is_refused_with_its_line(refused):
    for reason in ("", " "):
        error = refused(f'Text.\n\n```bash unproven="{reason}"\nx\n```\n\n' + STEP)
        assert "needs its reason" in error.sentence
        assert error.line == matter().count("\n") + 3


def test_a_fence_with_a_reason_is_excused_whatever_its_language(read):
    each = read('```console unproven="Runs on Windows."\n$ x\n```\n\n```\tpowershell unproven="Runs on Windows."\nx\n```\n\n' + STEP)
    assert commands(each) == [("true", ())]


def test_an_excused_step_has_no_other_option(refused):
    assert "other options" in refused('```console id="a" unproven="Why."\n$ x\n```\n\n' + STEP).sentence


@pytest.mark.parametrize("fence", ['console id="a" ext="1"', 'file id="a"', 'python id="a"', 'console id="a" platform="linux"'])
def test_an_unknown_option_is_refused(refused, fence: str):
    assert "has no option" in refused(f"```{fence}\n$ x\n```\n\n" + STEP).sentence


def test_a_fence_that_has_no_place_in_a_recipe_is_refused_even_deep_inside(refused):
    error = refused("- item\n\n    !!! note\n\n        > ```bash\n        > x\n        > ```\n\n" + STEP)
    assert error.line == matter().count("\n") + 5


# --- files that are shown -----------------------------------------------------------------------------------------------


REGION = "a = 1\n# --8<-- [start:part]\nb = 2\n    c = 3\n# --8<-- [end:part]\nd = 4\n"


def shown(each: Recipe) -> tuple[str, ...]:
    (fence,) = [fence for fence in each.fences if fence.language == "file"]
    return recipe.shown_file(fence, each.folder)[1]


def test_a_file_fence_shows_the_file_without_its_marks(read):
    assert shown(read("```file\ncode.py\n```\n\n" + STEP, **{"code.py": REGION})) == ("a = 1", "b = 2", "    c = 3", "d = 4")


def test_a_file_fence_shows_a_region(read):
    assert shown(read("```file\ncode.py#part\n```\n\n" + STEP, **{"code.py": REGION})) == ("b = 2", "    c = 3")


@pytest.mark.parametrize(
    ("named", "offset"),
    [
        ("none.py", 1),
        ("../other/README.md", 1),
        (".", 1),
        ("code.py#none", 1),
        ("code.py#half", 1),
        ("", 0),
        ("code.py\ncode.py", 0),
        ("x" * 300, 1),
        ("link", 1),
    ],
)
def test_a_file_or_region_that_is_not_there_is_refused_with_its_line(refused, place: Place, named: str, offset: int):
    place.write("other", STEP)
    folder = place.write("hello", STEP)
    (folder / "link").symlink_to(place.readme("other"))
    error = refused(f"```file\n{named}\n```\n\n" + STEP, **{"code.py": REGION + "# --8<-- [start:half]\n"})
    assert error.line == matter().count("\n") + 1 + offset


def test_a_file_that_is_not_text_is_refused(place: Place):
    folder = place.write("hello", "```file\ndata.bin\n```\n\n" + STEP)
    (folder / "data.bin").write_bytes(b"\xff\xfe")
    with pytest.raises(BadInput):
        recipe.load(folder)


# --- steps and commands -------------------------------------------------------------------------------------------------


def test_commands_are_read_with_their_continuation_and_their_output(read):
    each = read(step("$ one\n$ two \\\n>   --more\n> \n>\n> end\nout\n\n  out\n> not a continuation\n\n\n$ three\nout"))
    assert commands(each) == [
        ("one", ()),
        ("two \\\n  --more\n\n\nend", ("out", "", "  out", "> not a continuation")),
        ("three", ("out",)),
    ]


def test_commands_know_their_lines(read):
    each = read("Text.\n\n- item\n\n" + "".join(f"  {line}\n" for line in step("$ one\n> more\nout\n$ two").split("\n")))
    lines = each.text.split("\n")
    first, second = next(iter(each.steps)).commands
    assert lines[first.line - 1] == "  $ one"
    assert lines[first.expected_line - 1] == "  out"
    assert lines[second.line - 1] == "  $ two"


def test_a_dollar_in_the_output_is_output(read):
    assert commands(read(step("$ one\n$\n$5\n$\tx"))) == [("one", ("$", "$5", "$\tx"))]


def test_a_step_has_an_exit_code_and_a_limit(read):
    (plain, other) = read(STEP + step("$ x", 'id="second" exit="3" timeout="1.5"')).steps
    assert (plain.exit_code, plain.timeout, other.exit_code, other.timeout) == (0, recipe.DEFAULT_TIMEOUT, 3, 1.5)


@pytest.mark.parametrize("code", ["", "-1", "256", "one", "1.0", "²", "0" * 5000, "٣"])
def test_an_exit_code_that_is_none_is_refused(refused, code: str):
    error = refused(step("$ x", f'id="a" exit="{code}"'))
    assert "is no exit code" in error.sentence
    assert error.line == matter().count("\n") + 1


@pytest.mark.parametrize("limit", ["", "0", "0.0", "-1", "long", "1e3", "1s", "9" * 400, "inf", "nan"])
def test_a_limit_that_is_none_is_refused(refused, limit: str):
    assert "is no limit" in refused(step("$ x", f'id="a" timeout="{limit}"')).sentence


def test_a_step_without_an_id_is_refused_with_its_line(refused):
    error = refused("Text.\n\n" + step("$ x", ""))
    assert "needs an id" in error.sentence
    assert error.line == matter().count("\n") + 3


@pytest.mark.parametrize("name", ["", "A", "a_b", "-a", "a--b", "a b", "ä"])
def test_an_id_that_is_not_in_small_letters_is_refused(refused, name: str):
    assert "rename it" in refused(step("$ x", f'id="{name}"')).sentence


def test_an_id_that_stands_twice_is_refused_with_both_lines(refused):
    error = refused(STEP + "Text.\n\n" + STEP)
    first = matter().count("\n") + 1
    assert f"line {first}" in error.sentence
    assert error.line == first + STEP.count("\n") + 2


@pytest.mark.parametrize("body", ["", "\n", "out", "$", "$ ", "# $ x", "> x", "  $ x", "pip install x"])
def test_a_step_without_a_command_is_refused(refused, body: str):
    assert "holds no command" in refused(step(body)).sentence


def test_output_above_the_first_command_is_refused_at_its_line(refused):
    error = refused(step("out\n$ x"))
    assert "above the first command" in error.sentence
    assert error.line == matter().count("\n") + 2


def test_a_recipe_without_a_step_is_refused(refused):
    for text in ("Text only.\n", "```python\n1\n```\n", '```console unproven="Why."\n$ x\n```\n'):
        assert "has no step" in refused(text).sentence


def test_a_step_of_the_conda_lane_says_what_is_run_in_its_place(read):
    text = matter(lanes="[conda]") + step("$ conda a", 'id="a" instead="one && two --x=1"') + step("$ conda b", 'id="b" instead=""')
    each = read(text + step("$ c", 'id="c"'))
    assert [part.instead for part in each.steps] == ["one && two --x=1", "", None]
    assert commands(each) == [("conda a", ()), ("conda b", ()), ("c", ())]


@pytest.mark.parametrize("lanes", ["[venv]", "[container]", "[venv, conda]", "[conda, container]"])
@pytest.mark.parametrize("instead", ["x", ""])
def test_what_is_run_in_its_place_is_refused_in_another_lane_with_file_and_line(refused, place: Place, lanes: str, instead: str):
    front = matter(lanes=lanes)
    error = refused(front + STEP + "Text.\n\n" + step("$ conda a", f'id="a" instead="{instead}"'))
    assert "`instead` is for steps of the conda lane" in error.sentence
    assert error.path == place.readme("hello")
    assert error.line == (front + STEP).count("\n") + 3


def test_what_is_run_in_its_place_belongs_to_steps_only(refused):
    front = matter(lanes="[conda]")
    file = '```file instead="x"\nREADME.md\n```\n\n'
    assert "has no option `instead`" in refused(front + STEP + file).sentence
    assert "take the other options away" in refused(front + STEP + step("$ x", 'unproven="no" instead="x"')).sentence


def test_what_is_run_in_its_place_is_part_of_the_content(read):
    text = matter(lanes="[conda]") + step("$ conda a", 'id="a" instead="one"')
    assert read(text).content != read(text.replace('"one"', '"two"')).content


# --- scenarios ----------------------------------------------------------------------------------------------------------

TWO = matter(scenarios="{broken: It breaks, fixed: It works}")


def test_headings_open_scenarios(read):
    each = read(
        TWO + "# Title\n\n## It breaks\n\n### Part\n\n" + STEP + "It works\n--------\n\n" + step("$ y", 'id="y"') + step("$ z", 'id="z"')
    )
    assert [(part.name, [one.id for one in part.steps]) for part in each.scenarios] == [("broken", ["first"]), ("fixed", ["y", "z"])]


def test_without_named_headings_the_readme_is_one_scenario(read):
    each = read("## One\n\n" + STEP + "## Two\n\n" + step("$ y", 'id="y"'))
    assert [(part.name, len(part.steps)) for part in each.scenarios] == [("main", 2)]


def test_a_scenario_without_its_heading_is_refused(refused):
    assert "no heading of that text" in refused(TWO + "## It breaks\n\n" + STEP).sentence


def test_a_scenario_whose_heading_stands_twice_is_refused(refused):
    assert "2 headings" in refused(TWO + "## It breaks\n\n" + STEP + "## It works\n\n## It works\n\n" + step("$ y", 'id="y"')).sentence


def test_a_heading_in_a_fence_opens_nothing(refused):
    text = TWO + "## It breaks\n\n" + STEP + '```text unproven="An example."\n## It works\n```\n\n' + step("$ y", 'id="y"')
    assert "no heading of that text" in refused(text).sentence


def test_a_scenario_without_a_step_is_refused(refused):
    assert "`fixed` has no step" in refused(TWO + "## It breaks\n\n" + STEP + "## It works\n\nText.\n").sentence


def test_a_step_outside_of_every_scenario_is_refused_with_its_line(refused):
    scenarios = "## It breaks\n\n" + STEP + "## It works\n\n" + step("$ y", 'id="y"')
    above = refused(TWO + step("$ z", 'id="z"') + scenarios)
    assert "under no scenario's heading" in above.sentence
    assert above.line == TWO.count("\n") + 1
    assert "`z` stands under no" in refused(TWO + scenarios + "## Other\n\n" + step("$ z", 'id="z"')).sentence


def test_two_scenarios_of_one_heading_are_refused(refused):
    assert "same heading" in refused(matter(scenarios="{a: Title, b: Title}") + "## Title\n\n" + STEP).sentence


# --- content ------------------------------------------------------------------------------------------------------------


def test_the_content_changes_with_every_byte_name_and_mode(place: Place):
    folder = place.write("hello", STEP, **{"a.txt": "1", "run.sh": "x"})
    seen = {recipe.load(folder).content}

    def changed() -> bool:
        before = len(seen)
        seen.add(recipe.load(folder).content)
        return len(seen) > before

    assert not changed()
    (folder / "a.txt").write_text("2")
    assert changed()
    (folder / "a.txt").rename(folder / "b.txt")
    assert changed()
    (folder / "run.sh").chmod(0o755)
    assert changed()
    (folder / "README.md").write_text((folder / "README.md").read_text() + "\n")
    assert changed()
    (folder / "sub").mkdir()
    (folder / "sub" / "empty").write_text("")
    assert changed()
    (folder / "link").symlink_to("b.txt")
    assert changed()
    (folder / "link").unlink()
    (folder / "link").symlink_to("run.sh")
    assert changed()
    (folder / "sub" / "folder-link").symlink_to("..")
    assert changed()


def test_the_content_does_not_depend_on_place_time_or_what_python_leaves(place: Place, tmp_path: Path):
    folder = place.write("hello", STEP, **{"a.txt": "1"})
    before = recipe.load(folder).content
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "a.pyc").write_text("x")
    os.utime(folder / "a.txt", (0, 0))
    moved = tmp_path / "hello"
    folder.rename(moved)
    assert recipe.load(moved).content == before


def test_the_content_changes_with_the_engine_s_format(place: Place, monkeypatch: pytest.MonkeyPatch):
    folder = place.write("hello", STEP)
    before = recipe.load(folder).content
    monkeypatch.setattr(recipe, "FORMAT", recipe.FORMAT + 1)
    assert recipe.load(folder).content != before


def test_two_files_are_not_taken_for_one(place: Place):
    one = place.recipe("hello", STEP, a="xb\0-\x001\0y").content
    (place.root / "recipes" / "hello" / "a").unlink()
    assert place.recipe("hello", STEP, a="x", b="y").content != one


def test_a_file_name_that_is_not_utf_8_has_a_content(place: Place):
    folder = place.write("hello", STEP)
    Path(os.fsdecode(os.fsencode(folder) + b"/x\xff")).write_text("a")
    assert recipe.load(folder).content.startswith("sha256:")


def test_the_content_is_that_of_the_text_that_was_read(place: Place):
    """A recipe that waits for its turn must not be proven under the content of a README that was never read."""
    early = place.recipe("hello", STEP)
    place.edit("hello", "$ true", "$ false")
    assert early.content != recipe.load(early.folder).content


# --- anything -----------------------------------------------------------------------------------------------------------

LINES = st.sampled_from(
    [
        "```console id=\"a\"", "```console id=\"b\" exit=\"1\"", "```console id=\"c\" timeout=\"2\"", "```", "~~~", "````", "```file", "```python", '```bash unproven="Why."', "$ true",
        "$ echo \\", "> more", "out", "...", "[..]", "## It breaks", "## It works", "- item", "> quote", "!!! note", '=== "Tab"', "    ", "", "run.py", "run.py#part", "---", "<div>",
    ]
)  # fmt: skip
INDENT = st.sampled_from(["", "", "", "  ", "    ", "> ", "- ", "\t"])
README = st.tuples(
    st.sampled_from([matter(), TWO, matter(pythons="[3.11]"), "---\n", ""]) | st.text(max_size=80).map(lambda text: f"---\n{text}\n---\n"),
    st.lists(st.tuples(INDENT, LINES).map("".join), max_size=25).map("\n".join),
    st.text(max_size=20),
).map("".join)


@given(README)
def test_any_text_gives_a_recipe_or_one_sentence(place: Place, text: str):
    folder = place.root / "recipes" / "hello"
    folder.mkdir(exist_ok=True)
    (folder / "README.md").write_text(text, errors="surrogatepass")
    (folder / "run.py").write_text(REGION)
    try:
        each = recipe.load(folder)
    except BadInput as error:
        assert error.sentence
        assert "\n" not in str(error)
        return
    lines = each.text.split("\n")
    assert all(scenario.steps for scenario in each.scenarios)
    assert len({part.id for part in each.steps}) == len(list(each.steps))
    for command in (command for part in each.steps for command in part.commands):
        assert isinstance(command, Command)
        assert command.text.strip()
        assert lines[command.line - 1].endswith("$ " + command.text.split("\n")[0])


COMMAND = st.tuples(
    st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1, max_size=20),
    st.lists(
        st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), max_size=20).filter(
            lambda text: not text.startswith(("$", ">", "```", "~~~"))
        ),
        max_size=3,
    ),
)


@given(st.lists(COMMAND, min_size=1, max_size=4))
def test_what_is_written_is_what_is_read(place: Place, written: list[tuple[str, list[str]]]):
    body = "\n".join(f"$ {text}" + "".join(f"\n{line}" for line in output) for text, output in written)
    read = commands(place.recipe("hello", step(body)))
    assert [text for text, _ in read] == [text for text, _ in written]
    for (_, got), (_, meant) in zip(read, written, strict=True):
        assert list(got) == meant[: len(got)]
        assert not any(meant[len(got) :])
