import pytest

from custom.report import format_radius, short_names
from custom.report.class_names import spelled_out


@pytest.mark.parametrize(
    ("norm", "epsilon", "words"),
    [
        ("l2", 0.3, "ℓ2 0.3"),
        ("l2", 2, "ℓ2 2"),
        ("linf", 1 / 255, "ℓ∞ 1/255"),
        ("linf", 0.5 / 255, "ℓ∞ 0.5/255"),
        ("linf", 1.0, "ℓ∞ 1"),
        ("linf", 0, "ℓ∞ 0/255"),
    ],
)
def test_radius_in_words(norm, epsilon, words):
    assert format_radius(norm, epsilon) == words


def test_codes_of_skin_lesions_are_spelled_out_if_all_classes_are_such():
    assert spelled_out(["mel", "NV"]) == {"mel": "melanoma (mel)", "NV": "nevus (NV)"}
    assert spelled_out(["DF", "normal"]) == {"DF": "DF", "normal": "normal"}
    assert spelled_out(["DF", "x"], {"x": "xanthoma"}) == {"DF": "DF", "x": "xanthoma (x)"}


@pytest.mark.parametrize(
    ("folders", "names"),
    [
        (["runs/std", "runs/dpaat/evaluation"], ["std", "dpaat"]),
        (["a/std", "b/std"], ["a/std", "b/std"]),
        (["a/std", "a/std"], ["std #1", "std #2"]),
    ],
)
def test_names_of_runs_are_as_short_as_tells_them_apart(folders, names):
    assert short_names(folders) == names
