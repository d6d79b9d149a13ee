import numpy as np
import pytest

from custom.attacks import MinimalNormAttack
from custom.evaluation import SelectedAttack, predict
from custom.evaluation.intervals import Intervals
from custom.evaluation.smallest_radius import smallest_radius

from .margins import MARGINS


def test_radii_are_half_the_margins(network, loader):
    item = SelectedAttack("minimal", MinimalNormAttack(epsilon=0.25, norm="linf"))
    found = predict(network, loader, item.attack, progress=False)
    summary = smallest_radius([item], {item.key: found}, Intervals(found.lesion_ids, 50, 0))
    assert (summary["attack"], summary["norm"], summary["images"]) == ("minimal", "linf", 18)
    # Of each six images one is lost as it is, four at half their margin, one not within 0.25.
    assert MARGINS == (-0.02, 0.04, 0.08, 0.2, 0.4, 0.6)
    assert summary["quantiles"] == {
        "0.1": 0,
        "0.25": pytest.approx(0.02, rel=0.02),
        "0.5": pytest.approx(0.04, rel=0.02),
        "0.75": pytest.approx(0.2, rel=0.02),
        "0.9": None,
    }
    assert summary["median"]["value"] == summary["quantiles"]["0.5"]
    assert summary["median"]["low"] <= summary["median"]["value"] <= summary["median"]["high"]


def test_without_such_an_attack_there_is_none():
    assert smallest_radius([], {}, Intervals(np.array(["a"]))) is None
