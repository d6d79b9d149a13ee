from collections import Counter

import numpy as np
import pytest

from custom.attacks import StrongAttack
from custom.evaluation import RadiusCurve

from .attacks import TABLE


def test_the_curve_is_that_of_the_margins(evaluate):
    strong = StrongAttack(epsilon=0.15, norm="linf", steps=5)
    curve = RadiusCurve({"strong": strong}, factors=(0.1, 0.2, 1, 1.5, 2.5))
    (found,) = evaluate(["fgsm"], curve=curve)["curves"]
    # Margins of -0.02, 0.04, 0.08, 0.2, 0.4 and 0.6 are lost at half of each.
    expected = {0: 5, 0.015: 5, 0.03: 4, 0.15: 2, 0.225: 1, 0.375: 0}
    points = {round(point["epsilon"], 6): point["value"] for point in found["points"]}
    assert points == {radius: pytest.approx(count / 6) for radius, count in expected.items()}
    radii, values = zip(*sorted(expected.items()), strict=True)
    area = np.trapezoid(np.array(values) / 6, radii) / 0.375
    assert found["expected_robustness"]["value"] == pytest.approx(area)
    assert found["expected_robustness"]["low"] <= area <= found["expected_robustness"]["high"]
    assert (found["norm"], found["attack"], found["images"], found["of_images"]) == ("linf", "strong", 18, 18)


def test_a_curve_attacks_only_what_is_not_known(evaluate, monkeypatch):
    sizes = []
    perturb = StrongAttack.perturb

    def counted(self, network, images, labels, epsilon):
        sizes.append((round(float(epsilon[0]), 4), len(images)))
        return perturb(self, network, images, labels, epsilon)

    monkeypatch.setattr(StrongAttack, "perturb", counted)
    strong = StrongAttack(epsilon=0.15, norm="linf", steps=5)
    monkeypatch.setitem(TABLE, "strong", strong)
    evaluate(["strong"], curve=RadiusCurve({"strong": strong}, factors=(0.2, 1, 1.5)))
    by_radius = Counter()
    for radius, count in sizes:
        by_radius[radius] += count
    # At 0.15 the 15 that are right clean (and six examples), of which nine are lost: those alone at 0.03, the other
    # six at 0.225.
    assert by_radius == {0.15: 15 + 6, 0.03: 9, 0.225: 6}


@pytest.mark.parametrize("wrong", [{"factors": (0, 1)}, {"factors": ()}, {"images": -1}])
def test_a_curve_without_sense_is_refused(wrong):
    with pytest.raises(ValueError, match="The curve's"):
        RadiusCurve({}, **wrong)
