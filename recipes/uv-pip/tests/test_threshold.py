import pytest

from threshold import Choice, best, judge

SCORED = [(0.9, True), (0.8, False), (0.7, True), (0.2, False)]


def test_judge_counts_what_is_called():
    assert judge(0.8, SCORED) == Choice(0.8, precision=0.5, recall=0.5)


def test_best_takes_the_highest_f1():
    assert best(SCORED).threshold == 0.7
    assert best(SCORED).f1 == pytest.approx(0.8)


def test_without_positives_nothing_is_recalled():
    assert judge(0.5, [(0.9, False)]).f1 == 0.0
