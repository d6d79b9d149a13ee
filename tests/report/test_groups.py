import pytest

from custom.report.groups import images_and_groups, unit_plural

from .evaluations import metrics


@pytest.mark.parametrize(
    ("unit", "plural", "said"),
    [
        ("lesion", "lesions", "30 images of 15 lesions"),
        ("study", "studies", "30 images of 15 studies"),
        ("image", "images", "30 images"),
    ],
)
def test_images_and_what_they_show(unit, plural, said):
    found = metrics()
    found["bootstrap"]["unit"] = unit
    assert (unit_plural(found), images_and_groups(found)) == (plural, said)
