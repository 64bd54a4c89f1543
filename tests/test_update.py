"""An update writes what was seen into the README, where it was expected, and changes nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Place, matter, step
from provenv import recipe, update
from provenv.errors import BadInput
from provenv.recipe import Command, Recipe


def commands(each: Recipe) -> list[Command]:
    return [command for part in each.steps for command in part.commands]


def rewritten(place: Place, text: str, *seen: list[str] | None) -> str:
    """The README after an update of its commands, in order; None leaves one alone."""
    each = place.recipe("hello", text)
    update.rewrite(each, [(command, lines) for command, lines in zip(commands(each), seen, strict=True) if lines is not None])
    return place.readme("hello").read_text()


def test_only_the_expected_output_changes(place: Place):
    text = matter() + "Before.\n\n" + step("$ one\nold\nold\n$ two \\\n> more\n$ three\nsame") + "After.\n"
    assert (
        rewritten(place, text, ["new"], ["new", "", "  new"], None)
        == matter() + "Before.\n\n" + step("$ one\nnew\n$ two \\\n> more\nnew\n\n  new\n$ three\nsame") + "After.\n"
    )


def test_output_can_come_and_go(place: Place):
    assert rewritten(place, matter() + step("$ one\nold\n$ two"), [], ["new"]) == matter() + step("$ one\n$ two\nnew")


def test_several_steps_are_rewritten_at_their_own_places(place: Place):
    text = matter() + step("$ one\n1\n2\n3") + "Text.\n\n" + step("$ two\nold", 'id="b"') + step("$ three", 'id="c"')
    assert rewritten(place, text, ["x"], ["y", "y"], ["z"]) == matter() + step("$ one\nx") + "Text.\n\n" + step(
        "$ two\ny\ny", 'id="b"'
    ) + step("$ three\nz", 'id="c"')


@pytest.mark.parametrize("margin", ["  ", "    ", "> ", "> > ", "   > ", ">     "])
def test_indentation_and_quote_marks_are_kept(place: Place, margin: str):
    opening = {"  ": "- item\n\n", "    ": "!!! note\n\n", "> ": "", "> > ": "", "   > ": "1. item\n\n", ">     ": "> !!! note\n>\n"}[
        margin
    ]
    lines = ['```console id="a"', "$ one", "old", "", "$ two", "```"]
    text = matter() + opening + "".join((margin + line).rstrip() + "\n" for line in lines) + "\nAfter.\n"
    got = rewritten(place, text, ["new", "", "  new"], None)
    assert got == text.replace(f"{margin}old\n{margin.rstrip()}\n", f"{margin}new\n{margin.rstrip()}\n{margin}  new\n{margin.rstrip()}\n")
    assert [command.expected for command in commands(recipe.load(place.readme("hello").parent))] == [("new", "", "  new"), ()]


@pytest.mark.parametrize("line", ["...", "[..]", "a [..] b", "$ true", "> more", "```", "  ```", ">"])
def test_output_that_would_mean_more_than_itself_is_refused_and_nothing_is_written(place: Place, line: str):
    each = place.recipe("hello", step("$ one\nold\n$ two\nold"))
    before = place.readme("hello").read_bytes()
    first, second = commands(each)
    with pytest.raises(BadInput) as caught:
        update.rewrite(each, [(first, ["new"]), (second, [line, "x"])])
    assert caught.value.line == second.line
    assert place.readme("hello").read_bytes() == before


@pytest.mark.parametrize(
    ("expected", "seen"),
    [
        (["a", "...", "b"], ["a", "...", "b", "..."]),
        (["a [..]"], ["a [..]", "a [..]"]),
        (["x", "> y"], ["> y"]),
    ],
)
def test_a_line_that_was_there_may_not_come_to_mean_more(place: Place, expected: list[str], seen: list[str]):
    each = place.recipe("hello", step("$ one\n" + "\n".join(expected)))
    before = place.readme("hello").read_bytes()
    with pytest.raises(BadInput):
        update.rewrite(each, [(commands(each)[0], seen)])
    assert place.readme("hello").read_bytes() == before


def test_wildcards_that_were_there_may_stay(place: Place):
    text = matter() + step("$ one\n...\na [..]\nold\n> quoted\n...")
    assert rewritten(place, text, ["...", "a [..]", "new", "> quoted", "..."]) == text.replace("old", "new")


def test_updates_of_two_scenarios_one_after_the_other_both_stay(place: Place):
    each = place.recipe("hello", step("$ one\nold") + step("$ two\nold", 'id="b"'))
    first, second = commands(each)
    update.rewrite(each, [(first, ["new", "new"])])
    each = recipe.load(each.folder)
    update.rewrite(each, [(commands(each)[1], ["new"])])
    assert place.readme("hello").read_text() == matter() + step("$ one\nnew\nnew") + step("$ two\nnew", 'id="b"')
    assert second.expected == ("old",)


def test_a_readme_that_changed_meanwhile_is_not_overwritten(place: Place):
    each = place.recipe("hello", step("$ one\nold"))
    place.edit("hello", "$ one\nold\n", "$ zero\n$ one\nold\n")
    before = place.readme("hello").read_bytes()
    with pytest.raises(BadInput):
        update.rewrite(each, [(commands(each)[0], ["new"])])
    assert place.readme("hello").read_bytes() == before


def test_the_line_ends_of_the_readme_are_kept(place: Place):
    place.write("hello", step("$ one\nold"))
    file = place.readme("hello")
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    each = recipe.load(file.parent)
    update.rewrite(each, [(commands(each)[0], ["new"])])
    assert file.read_bytes() == (matter() + step("$ one\nnew")).replace("\n", "\r\n").encode()


LINE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp", "Cs"]), max_size=12).map(str.rstrip) | st.sampled_from(
    ["...", "[..]", "> x", "$ x", "```", "", "~~~", "    x", "- x", "# x", "<div>"]
)
SEEN = st.lists(LINE, max_size=5).map(lambda lines: lines[: max((number for number, line in enumerate(lines, 1) if line), default=0)])
MARGIN = st.sampled_from(["", "- ", "> ", "!!! note\n    ", '> === "Tab"\n>     '])


@given(
    st.lists(
        st.tuples(SEEN.filter(lambda lines: not any(line.startswith(("$ ", ">", "```", "~~~")) for line in lines)), SEEN),
        min_size=1,
        max_size=3,
    ),
    MARGIN,
)
def test_what_was_written_is_read_again_or_nothing_is_written(place: Place, pairs: list[tuple[list[str], list[str]]], opening: str):
    margin = opening.rpartition("\n")[2].replace("-", " ")
    body = [line for number, (expected, _) in enumerate(pairs) for line in (f"$ command {number}", *expected)]
    lines = ['```console id="a"', *body, "```"]
    text = matter() + opening + "\n".join((margin if number else "") + line for number, line in enumerate(lines)) + "\n\nAfter.\n"
    each = place.recipe("hello", text)
    assert [list(command.expected) for command in commands(each)] == [expected for expected, _ in pairs]
    before = place.readme("hello").read_bytes()
    try:
        update.rewrite(each, [(command, seen) for command, (_, seen) in zip(commands(each), pairs, strict=True)])
    except BadInput:
        assert place.readme("hello").read_bytes() == before
        return
    again = recipe.load(each.folder)
    assert [command.text for command in commands(again)] == [command.text for command in commands(each)]
    assert [list(command.expected) for command in commands(again)] == [seen for _, seen in pairs]
    assert again.text.endswith("\n\nAfter.\n")
