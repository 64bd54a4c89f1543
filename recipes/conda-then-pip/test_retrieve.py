import pytest
from retrieve import PASSAGES, ranked


@pytest.mark.parametrize(("question", "best"), [("hash of a file", 1), ("the index of a channel", 4)])
def test_best_passage_is_first(question, best):
    assert ranked(question)[0][0] == PASSAGES[best]


def test_shares_sum_to_one():
    assert sum(share for _, share in ranked("conda")) == pytest.approx(1)
