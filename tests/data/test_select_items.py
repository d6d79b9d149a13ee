import pytest

from custom.data import select_items

ITEMS = [
    {"label": 0, "image": "a"},
    {"label": 1, "image": "b", "mask": "m"},
    {"label": 0, "image": "c", "mask": "m"},
    {"label": 0, "image": "d"},
]


def test_masked_items_first_and_so_many_of_each_class():
    assert [item["image"] for item in select_items(ITEMS)] == ["b", "c", "a", "d"]
    assert [item["image"] for item in select_items(ITEMS, 1)] == ["b", "c"]
    assert [item["image"] for item in select_items(ITEMS, 2)] == ["b", "c", "a"]


def test_none_of_them():
    with pytest.raises(ValueError, match="images_per_class is 0"):
        select_items(ITEMS, 0)
