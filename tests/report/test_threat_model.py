import pytest

from custom.report import format_radius, strongest_attacks


@pytest.mark.parametrize(
    ("norm", "epsilon", "words"),
    [
        ("l2", 0.3, "L2 0.3"),
        ("l2", 2, "L2 2"),
        ("linf", 1 / 255, "L∞ 1/255"),
        ("linf", 0.5 / 255, "L∞ 0.5/255"),
        ("linf", 1.0, "L∞ 1"),
        ("linf", 0, "L∞ 0/255"),
    ],
)
def test_radius_in_words(norm, epsilon, words):
    assert format_radius(norm, epsilon) == words


def test_strongest_of_each_ball():
    def result(norm, epsilon, accuracy):
        return {
            "norm": norm,
            "epsilon": epsilon,
            "images": {"accuracy": {"value": accuracy}},
        }

    attacks = {
        "fgsm": result("linf", 1 / 255, 0.5),
        "ifgsm": result("linf", 1 / 255, 0.4),
        "pgd": result("l2", 0.3, 0.3),
        "wide": result("l2", 0.6, 0.1),
    }
    assert strongest_attacks(attacks) == {"L∞ 1/255": "ifgsm", "L2 0.3": "pgd", "L2 0.6": "wide"}
