import pytest

from labelmap import LabelMap


@pytest.mark.parametrize("name", ["pets", "digits"])
def test_there_and_back(name):
    labels = LabelMap.shipped(name)
    assert labels.decode(labels.encode(labels.names)) == list(labels.names)


def test_numbers_are_fixed():
    assert LabelMap.shipped("pets").encode(["dog", "cat"]) == [2, 1]


def test_a_name_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        LabelMap(["cat", "cat"])
