import pytest

from hashsplit import count, part_of

IDS = [f"img-{n:05}" for n in range(20_000)]


def test_the_order_does_not_matter():
    assert {i: part_of(i) for i in IDS} == {i: part_of(i) for i in reversed(IDS)}


def test_a_record_stays_where_it_is_when_others_come():
    assert [part_of(i) for i in IDS[:100]] == [part_of(i) for i in IDS][:100]


def test_the_shares_are_kept():
    sizes = count(IDS, valid=5, test=20)
    assert sizes["valid"] == pytest.approx(1_000, rel=0.1)
    assert sizes["test"] == pytest.approx(4_000, rel=0.1)


def test_another_salt_gives_another_split():
    assert [part_of(i) for i in IDS] != [part_of(i, salt="2") for i in IDS]


def test_more_than_everything_is_refused():
    with pytest.raises(ValueError, match="100 at most"):
        part_of("img-00001", valid=60, test=60)
