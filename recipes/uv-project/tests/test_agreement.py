import pytest

from agreement import confusion, kappa


def test_confusion_counts_pairs():
    assert confusion(["a", "a", "b"], ["a", "b", "b"]).tolist() == [[1, 1], [0, 1]]


def test_kappa_of_full_agreement_is_one():
    assert kappa(["a", "b", "a"], ["a", "b", "a"]) == 1.0


def test_kappa_of_chance_is_zero():
    assert kappa(["a", "a", "b", "b"], ["a", "b", "a", "b"]) == pytest.approx(0.0)


def test_kappa_needs_pairs():
    with pytest.raises(ValueError, match="2 labels against 1"):
        kappa(["a", "b"], ["a"])
