"""Expected output against seen output: exact but for two wildcards, and an update never says less than before."""

import time
from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from provenv.transcript import diff, line_matches, matches, normal, updated

# --- what a person sees ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("output", "lines"),
    [
        ("", []),
        ("\n\n", []),
        ("one", ["one"]),
        ("one\ntwo\n", ["one", "two"]),
        ("\n\none\n\ntwo\n\n\n", ["", "", "one", "", "two"]),
        ("  one  \t\n", ["  one"]),
        ("one\r\ntwo\r\n", ["one", "two"]),
        ("10 %\r50 %\r100 %\n", ["100 %"]),
        ("10 %\r100 %\r\n", ["100 %"]),
        ("100 %\r", ["100 %"]),
        ("\r\r\r", []),
        ("\x1b[1;31mred\x1b[0m\n", ["red"]),
        ("\x1b]0;title\x07one\x1b]8;;address\x1b\\link\n", ["onelink"]),
        ("\x1b[2K\rdone\n", ["done"]),
        ("\x1b[?25lhidden\x1b[?25h\n", ["hidden"]),
    ],
)
def test_the_lines_of_an_output_are_what_a_person_sees(output: str, lines: list[str]):
    assert normal(output) == lines


@given(st.text())
def test_what_a_person_sees_stays_what_it_is(output: str):
    lines = normal(output)
    assert all(line == line.rstrip() and "\n" not in line and "\r" not in line for line in lines)
    assert not lines or lines[-1]


# --- matching -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "seen"),
    [
        ([], []),
        (["one"], ["one"]),
        (["one  "], ["one"]),
        (["..."], []),
        (["..."], ["one", "two"]),
        (["...", "..."], []),
        (["...", "two"], ["one", "two"]),
        (["...", "two"], ["two", "two"]),
        (["one", "..."], ["one"]),
        (["one", "...", "two", "..."], ["one", "two", "two", "three"]),
        (["[..]"], [""]),
        (["[..]"], ["anything"]),
        (["a[..]c"], ["abc"]),
        (["a[..]c"], ["ac"]),
        (["[..]b[..]"], ["abc"]),
        (["a[..]a"], ["aa"]),
        (["[..]ab[..]ab"], ["abab"]),
        (["x.y*[..](z)"], ["x.y* (z)"]),
        (["..."], ["..."]),
        (["[..]"], ["[..]"]),
        ([" ..."], [" ..."]),
        (["", "one"], ["", "one"]),
    ],
)
def test_these_match(expected: list[str], seen: list[str]):
    assert matches(expected, seen)


@pytest.mark.parametrize(
    ("expected", "seen"),
    [
        ([], ["one"]),
        (["one"], []),
        (["one"], ["One"]),
        (["one"], ["ones"]),
        (["one"], ["one", "two"]),
        (["one"], ["", "one"]),
        (["one"], [" one"]),
        (["...", "two"], ["two", "one"]),
        (["one", "...", "one"], ["one"]),
        (["[..]"], []),
        (["[..]"], ["one", "two"]),
        (["a[..]a"], ["a"]),
        (["[..]a[..]a[..]"], ["a"]),
        (["[..]ab[..]bc[..]"], ["abc"]),
        (["a[..]c"], ["abcd"]),
        (["[..]ab[..]ab"], ["ab"]),
        (["x.y"], ["xzy"]),
        ([" ..."], ["one"]),
        (["...."], ["one"]),
        (["....", "one"], ["one"]),
        (["True"], ["False"]),
        (["[...]"], ["x"]),
    ],
)
def test_these_do_not_match(expected: list[str], seen: list[str]):
    assert not matches(expected, seen)


PIECE = st.sampled_from(["a", "b", "ab", "[..]", " ", "", ".", "..."])
SEEN_LINE = st.lists(st.sampled_from(["a", "b", "c", " ", "."]), max_size=5).map(lambda parts: "".join(parts).rstrip())
EXPECTED_LINE = st.lists(PIECE, max_size=6).map("".join) | st.just("...")
EXPECTED = st.lists(EXPECTED_LINE, max_size=6)
SEEN = st.lists(SEEN_LINE, max_size=7)


def slow_line(expected: str, seen: str) -> bool:
    """One line by trying every way, character by character."""
    if expected.startswith("[..]"):
        return any(slow_line(expected[4:], seen[start:]) for start in range(len(seen) + 1))
    if not expected or not seen:
        return expected == seen
    return expected[0] == seen[0] and slow_line(expected[1:], seen[1:])


def slow(expected: Sequence[str], seen: Sequence[str]) -> bool:
    """All lines by trying every way."""
    if not expected:
        return not seen
    if expected[0].rstrip() == "...":
        return any(slow(expected[1:], seen[start:]) for start in range(len(seen) + 1))
    return bool(seen) and slow_line(expected[0].rstrip(), seen[0]) and slow(expected[1:], seen[1:])


@given(EXPECTED, SEEN)
def test_matching_agrees_with_trying_every_way(expected: list[str], seen: list[str]):
    assert matches(expected, seen) == slow(expected, seen)


@st.composite
def made_wild(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """Seen lines, and expected lines made of them by putting wildcards in the place of texts, lines and nothing."""
    seen, expected = draw(SEEN), []
    for line in seen:
        how = draw(st.sampled_from(["exact", "within", "any", "more"]))
        start = draw(st.integers(0, len(line)))
        end = draw(st.integers(start, len(line)))
        expected += {"exact": [line], "within": [line[:start] + "[..]" + line[end:]], "any": ["..."], "more": ["...", line]}[how]
    return expected, seen


@given(made_wild())
def test_what_was_made_wild_still_matches(pair: tuple[list[str], list[str]]):
    assert matches(*pair)


@given(SEEN.filter(bool), st.data())
def test_one_changed_character_is_seen(seen: list[str], data: st.DataObject):
    row = data.draw(st.integers(0, len(seen) - 1))
    at = data.draw(st.integers(0, len(seen[row])))
    changed = [*seen[:row], seen[row][:at] + "#" + seen[row][at:], *seen[row + 1 :]]
    assume("..." not in changed)
    assert not matches(changed, seen)


def test_many_wildcards_on_a_long_line_are_quick():
    begun = time.monotonic()
    assert not line_matches("[..]x" * 8 + "y", "x" * 100_000)
    assert line_matches("[..]x" * 8 + "[..]y", "x" * 100_000 + "y")
    assert time.monotonic() - begun < 5


def test_ten_thousand_lines_are_quick():
    seen = [f"line {number}" for number in range(10_000)]
    begun = time.monotonic()
    assert matches(["...", "line 7[..]", "...", "line 9999"], seen)
    assert not matches(["...", "line 7[..]", "...", "line 10000"], seen)
    assert diff(["...", "line 10000"], seen)
    assert time.monotonic() - begun < 20


# --- differences and updates ------------------------------------------------------------------------------------------------


def test_a_diff_shows_what_fits_a_wildcard_as_that_wildcard():
    lines = diff(["...", "version [..]", "ok"], ["noise", "version 2", "no"]).split("\n")
    assert lines == ["--- expected", "+++ seen", "@@ -1,3 +1,3 @@", " ...", " version [..]", "-ok", "+no"]


@given(EXPECTED, SEEN)
def test_a_diff_is_empty_only_where_both_match(expected: list[str], seen: list[str]):
    assume(not any(wild(line) for line in seen))
    assert (diff(expected, seen) == "") == matches(expected, seen)


@pytest.mark.parametrize(
    ("expected", "seen"),
    [
        (["...", "line"], [*["line"] * 2000, "other"]),
        (["...", "end"], [*["line"] * 1999, "end", "after"]),
        (["...", "..."], ["line"] * 3000),
    ],
)
def test_a_diff_is_empty_only_where_both_match_also_of_a_long_output(expected: list[str], seen: list[str]):
    assert (diff(expected, seen) == "") == matches(expected, seen)


@given(EXPECTED, SEEN)
def test_an_update_matches_what_was_seen(expected: list[str], seen: list[str]):
    assert matches(updated(expected, seen), seen)


def test_an_update_matches_what_was_seen_also_of_a_long_output():
    seen = [f"line {number}" for number in range(2500)]
    assert matches(updated(["line 0", "other"], seen), seen)


@given(made_wild())
def test_an_update_of_what_matches_changes_nothing(pair: tuple[list[str], list[str]]):
    expected, seen = pair
    assert updated(expected, seen) == [line.rstrip() for line in expected]


@given(EXPECTED, SEEN)
def test_a_second_update_changes_nothing(expected: list[str], seen: list[str]):
    once = updated(expected, seen)
    assert updated(once, seen) == once


def wild(line: str) -> bool:
    return line == "..." or "[..]" in line


@given(EXPECTED, SEEN)
def test_an_update_adds_no_wildcard(expected: list[str], seen: list[str]):
    assume(not any(wild(line) for line in seen))
    before = [line.rstrip() for line in expected if wild(line.rstrip())]
    after = [line for line in updated(expected, seen) if wild(line)]
    left = iter(before)
    assert all(line in left for line in after), "wildcards that were not there, or stood in another order"


def test_an_update_keeps_the_wildcards_that_still_fit():
    expected = ["Collecting [..]", "...", "Installed demo-[..]", "done"]
    seen = ["Collecting demo", "a", "b", "Installed demo-2", "finished"]
    assert updated(expected, seen) == ["Collecting [..]", "...", "Installed demo-[..]", "finished"]


@pytest.mark.parametrize(
    ("expected", "seen", "new"),
    [
        (["...", "ok"], [], []),
        (["ok", "..."], [], []),
        (["begin", "...", "end"], ["begin"], ["begin"]),
        (["...", "one", "two", "three", "..."], ["noise"], ["...", "noise"]),
        (["...", "ok", "more"], ["noise", "ok"], ["...", "ok"]),
    ],
)
def test_an_update_does_not_widen_a_wildcard_by_dropping_the_line_beside_it(expected: list[str], seen: list[str], new: list[str]):
    assert updated(expected, seen) == new


def test_an_update_of_nothing_writes_what_was_seen():
    assert updated([], ["one", "two"]) == ["one", "two"]
    assert updated(["one", "two"], []) == []
