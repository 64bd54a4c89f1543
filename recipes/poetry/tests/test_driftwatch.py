import pytest

from driftwatch import Bins, stability_index, verdict

BINS = Bins((1.0, 2.0))


def test_shares_sum_to_one():
    assert BINS.shares([0.5, 1.5, 1.7, 9.0]) == [0.25, 0.5, 0.25]


def test_the_same_values_are_stable():
    assert stability_index(BINS, [0.5, 1.5], [0.5, 1.5]) == 0.0


def test_moved_values_have_drifted():
    assert verdict(stability_index(BINS, [0.5, 0.6], [1.5, 1.6])) == "drifted"


def test_bins_need_an_edge():
    with pytest.raises(ValueError, match="edges"):
        Bins(())
