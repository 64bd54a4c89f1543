from collections import Counter

from vocabreport import count, coverage, words


def test_words_are_lower_case_and_without_digits():
    assert words("The 3 locks, THE lock_file") == ["the", "locks", "the", "lock", "file"]


def test_coverage_grows_to_one():
    counts = count(["a a a b", "b c"])
    assert counts == Counter(a=3, b=2, c=1)
    assert coverage(counts, 1) == 0.5
    assert coverage(counts, 3) == 1.0


def test_an_empty_corpus_is_covered_by_nothing():
    assert coverage(Counter(), 10) == 0.0
