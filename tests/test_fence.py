"""Fences are found wherever Markdown allows them, and are read as they stand."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenv import fence
from provenv.errors import BadInput
from provenv.fence import Fence

PAGE = Path("page.md")


def found(text: str) -> list[Fence]:
    return list(fence.find(text, PAGE))


def only(text: str) -> Fence:
    (each,) = found(text)
    return each


def refused(text: str) -> BadInput:
    with pytest.raises(BadInput) as caught:
        found(text)
    return caught.value


def test_a_fence_is_found_with_its_language_options_body_and_lines():
    each = only('# Title\n\n```console id="install" exit="1"\n$ true\n\n  out\n```\n')
    assert each == Fence("console", {"id": "install", "exit": "1"}, ("$ true", "", "  out"), PAGE, 3, 7)


def test_fences_come_in_order():
    assert [each.line for each in found("```a\n```\n\n~~~b\n~~~\n\n```c\n```\n")] == [1, 4, 7]


@pytest.mark.parametrize(
    ("before", "margin"),
    [
        ("- item\n\n", "  "),
        ("1. item\n\n", "   "),
        ("- outer\n\n    - inner\n\n", "      "),
        ("> quote\n>\n", "> "),
        ("> > quote\n> >\n", "> > "),
        ("!!! note\n\n", "    "),
        ('!!! warning "Title"\n', "    "),
        ("??? tip\n\n", "    "),
        ('???+ tip "Open"\n\n', "    "),
        ('=== "Linux"\n\n', "    "),
        ('===! "Linux"\n\n', "    "),
        ('===+ "Linux"\n\n', "    "),
        ('- item\n\n    === "Linux"\n\n', "        "),
        ('> === "Linux"\n>\n', ">     "),
        ('!!! note\n\n    === "Linux"\n\n        - item\n\n', "          "),
        ("Text right above\n!!! note\n\n    Text right above\n", "    "),
    ],
)
def test_a_fence_is_found_inside_lists_quotes_admonitions_and_tabs(before: str, margin: str):
    lines = ['```console id="a"', "$ true", "", "  indented", "```"]
    text = before + "".join((margin + line).rstrip() + "\n" for line in lines) + "\nText after.\n"
    each = only(text)
    assert (each.language, each.options, each.body) == ("console", {"id": "a"}, ("$ true", "", "  indented"))
    assert (each.line, each.end) == (before.count("\n") + 1, before.count("\n") + 5)


def test_both_tabs_of_a_pair_are_read():
    text = '=== "One"\n\n    ```a\n    ```\n\n=== "Two"\n\n    ```b\n    ```\n\n```c\n```\n'
    assert [each.language for each in found(text)] == ["a", "b", "c"]


def test_a_fence_after_a_container_is_outside_of_it():
    inside, outside = found("!!! note\n\n    ```a\n    one\n    ```\n\n```b\n    two\n```\n")
    assert (inside.body, outside.body) == (("one",), ("    two",))


def test_a_fence_that_stands_in_a_longer_fence_is_its_text():
    assert only("````markdown\n```console\n$ true\n```\n````\n").body == ("```console", "$ true", "```")


def test_a_fence_in_code_that_is_indented_is_text():
    assert found("Text.\n\n    ```console\n    $ true\n    ```\n") == []


def test_a_container_in_code_that_is_indented_is_text():
    assert found("Text.\n\n    !!! note\n\n        ```console\n        ```\n") == []


def test_tildes_fence_as_well():
    assert only("~~~text\n```\n~~~\n").body == ("```",)


def test_an_empty_fence_has_no_lines():
    assert only("```text\n```\n").body == ()


@pytest.mark.parametrize(
    "text",
    [
        "```console\n$ true\n",
        "```console",
        "```console\n$ true\n``\n",
        "````console\n$ true\n```\n",
        "```console\n$ true\n~~~\n",
        "- ```console\n  $ true\n\nText.\n",
        "> ```console\n> $ true\n\nText.\n",
        "```console\n$ true\n    ```\n",
        "```console\n$ true\n> ```\n",
    ],
)
def test_a_fence_that_is_never_closed_is_refused_with_its_line(text: str):
    error = refused("Text.\n\n" + text)
    assert "never closed" in error.sentence
    assert str(error).startswith("page.md:3: ")


@pytest.mark.parametrize(
    "info", ["console id=install", "console id='a'", 'console "a"', "console a b", 'console id="a', 'console ID="a"', "{.console}"]
)
def test_an_info_string_that_cannot_be_read_is_refused_with_its_line(info: str):
    error = refused(f"\n\n```{info}\n```\n")
    assert info in error.sentence
    assert error.line == 3


def test_an_option_that_stands_twice_is_refused():
    assert "`id` stands twice" in refused('```console id="a" id="b"\n```\n').sentence


def test_a_refused_fence_names_the_line_within_it():
    assert str(only("\n```a\nx\n```\n").refuse("no", 1)) == "page.md:3: no"


def test_windows_and_old_mac_line_ends_do_not_move_a_fence():
    for end in ("\r\n", "\r"):
        each = only(end.join(["Text.", "", "```a", "x", "```", ""]))
        assert (each.line, each.body) == (3, ("x",))


def test_a_fence_nested_deeper_than_anyone_would_is_not_lost():
    text = "".join(f"{'  ' * depth}- item\n\n" for depth in range(30)) + "```a\n```\n"
    assert [each.language for each in found(text)] == ["a"]


# A fence that HTML swallows is code on the site, yet Markdown does not see it: it must not slip through unclassified.
def test_a_fence_swallowed_by_html_is_refused_with_its_line():
    error = refused("Text.\n\n<details>\n```console\n$ true\n```\n</details>\n")
    assert error.line == 4


def test_a_fence_in_html_with_blank_lines_around_it_is_found():
    assert only("<details>\n\n```a\nx\n```\n\n</details>\n").body == ("x",)


def test_a_fence_in_a_comment_is_no_fence():
    assert found("<!--\n```console\n$ true\n```\n-->\n") == []


# --- any nesting, any text ------------------------------------------------------------------------------------------------

CONTAINERS = {
    "bullet": ("- item", "  "),
    "number": ("1. item", "   "),
    "quote": ("> quote", "> "),
    "note": ("!!! note", "    "),
    "folded": ('???+ note "Title"', "    "),
    "tab": ('=== "Tab"', "    "),
}
BODY = st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp", "Cs"]), max_size=30), max_size=6)


def nested(containers: list[str], lines: list[str]) -> list[str]:
    """Lines wrapped in containers, the first of them outermost."""
    for name in reversed(containers):
        opening, margin = CONTAINERS[name]
        lines = [opening, margin.rstrip(), *((margin + line).rstrip(" ") if not line.strip() else margin + line for line in lines)]
    return lines


@given(st.lists(st.sampled_from(sorted(CONTAINERS)), max_size=5), BODY)
def test_a_fence_in_any_nesting_is_found_with_its_body_and_its_line(containers: list[str], body: list[str]):
    body = [line for line in body if not line.lstrip().startswith("```") and (line.strip() or not line)]
    lines = nested(containers, ['```console id="a"', *body, "```"])
    each = only("Text.\n\n" + "\n".join(lines) + "\n")
    assert list(each.body) == body
    assert lines[each.line - 3].endswith('```console id="a"')
    assert lines[each.end - 3].endswith("```")


@given(st.lists(st.lists(st.sampled_from(sorted(CONTAINERS)), max_size=3), min_size=1, max_size=4))
def test_no_fence_is_lost_among_others(blocks: list[list[str]]):
    lines: list[str] = []
    for number, containers in enumerate(blocks):
        lines += [*nested(containers, [f"```lang{number}", "x", "```"]), "", f"Paragraph {number}.", ""]
    assert [each.language for each in found("\n".join(lines))] == [f"lang{number}" for number in range(len(blocks))]


MARKDOWN = st.lists(
    st.sampled_from(
        [
            "```",
            "~~~",
            "````",
            "console",
            ' id="a"',
            "$ true",
            "\n",
            "\n\n",
            "    ",
            "  ",
            "- ",
            "> ",
            "!!! note\n",
            '=== "a"\n',
            "1. ",
            "\t",
            "---\n",
            "<div>",
            "\r",
            "\0",
            "x",
        ]
    )
    | st.text(max_size=5),
    max_size=40,
).map("".join)


@given(MARKDOWN)
def test_any_text_gives_fences_or_one_sentence(text: str):
    try:
        fences = found(text)
    except BadInput as error:
        assert error.line is not None
        return
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd").split("\n")
    for each in fences:
        assert lines[each.line - 1].strip(" \t>-.1").startswith(("```", "~~~"))
        assert set(lines[each.end - 1].strip(" \t>-")) <= {"`"} or set(lines[each.end - 1].strip(" \t>-")) <= {"~"}
        assert len(each.body) == each.end - each.line - 1
