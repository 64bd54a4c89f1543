"""The corpus of pastes is sound, its damage leaves the telling line, and the finder meets the limits on it."""

import random
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "corpus"))

import distort
import measure

HERE = Path(__file__).parent
PASTES = measure.read(measure.JUDGE)
ALL = [*PASTES, *measure.read(measure.LEARN)]
STAMP = re.compile(r"\d{4}-11-\d\dT[\d:.]+Z ")
COLOUR = re.compile("\x1b\\[[\\d;]*m")


def letters(text: str) -> str:
    """What no damage touches: the letters, in their order."""
    return re.sub(r"[\W\d_]", "", STAMP.sub("", COLOUR.sub("", text)))


def said(text: str) -> list[str]:
    """The letters of a line in each language that it may come in."""
    return [letters(text), *(letters(distort.spoken(text, language)) for language in distort.WORDS)]


def test_there_are_enough_of_them():
    assert len(PASTES) >= 150
    assert sum(paste.unknown for paste in PASTES) >= 45


def test_no_paste_is_there_twice():
    assert len({paste.text for paste in ALL}) == len(ALL)


def test_each_recipe_that_is_wanted_exists():
    there = {folder.parent.name for folder in (HERE.parent / "recipes").glob("*/README.md")}
    assert {recipe for paste in ALL for recipe in paste.recipes} <= there


def test_what_tells_is_in_the_paste():
    assert [paste.telling for paste in ALL if paste.telling not in paste.text] == []


def test_no_paste_names_this_machine_or_a_registry():
    forbidden = re.compile(
        r"/root/|/work/|/opt/|pypi\.org|pythonhosted|anaconda\.(com|org)|download\.pytorch\.org|npmjs|crates\.io|docker\.io"
    )
    assert [found[0] for paste in ALL if (found := forbidden.search(paste.text))] == []


def test_the_same_seed_gives_the_same_damage():
    for seed, paste in enumerate(PASTES):
        assert distort.distorted(paste.text, seed) == distort.distorted(paste.text, seed)


def test_other_seeds_give_other_damage():
    for paste in PASTES:
        versions = {distort.distorted(paste.text, seed) for seed in range(20)}
        assert len(versions) >= 15
        assert paste.text not in versions


def test_all_kinds_of_damage_occur():
    kinds = {kind for number in range(len(PASTES)) for seed in measure.seeds(number, 1) for kind in distort.chosen(seed)}
    assert kinds == set(distort.ORDER)


@pytest.mark.parametrize("kind", [kind.__name__ for kind in distort.ORDER])
def test_the_telling_line_survives(kind: str):
    seeds = [seed for seed in range(60) if kind in {one.__name__ for one in distort.chosen(seed)}][:5]
    assert seeds
    for paste in PASTES:
        keep = paste.telling or distort.telling(paste.text)
        for seed in seeds:
            damaged = letters(distort.distorted(paste.text, seed, keep=keep))
            assert any(form in damaged for form in said(keep)), (keep, seed)


def test_a_cut_keeps_most_of_it():
    for seed, paste in enumerate(PASTES):
        left = distort.cut(paste.text, random.Random(seed), distort.telling(paste.text))
        assert len(left.split("\n")) >= 0.6 * len(paste.text.splitlines())


def test_the_finder_keeps_the_limits():
    result = measure.measure(measure.JUDGE, distortions=1)
    figures = f"first {result.first:.1%}, first three {result.three:.1%}, unknown {result.none:.1%}"
    assert result.first >= measure.FIRST, figures
    assert result.three >= measure.THREE, figures
    assert result.none >= measure.NONE, figures
