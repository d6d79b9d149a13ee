import pytest

from custom.counts import counted


@pytest.mark.parametrize(
    ("number", "thing", "text"),
    [
        (0, "image", "0 images"),
        (1, "image", "1 image"),
        (2, "image id", "2 image ids"),
        (1, "class", "1 class"),
        (3, "class", "3 classes"),
        (2, "study", "2 studies"),
        (1, "query", "1 query"),
    ],
)
def test_one_is_singular(number, thing, text):
    assert counted(number, thing) == text
