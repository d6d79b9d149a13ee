import numpy as np
import pytest

from custom.evaluation.clinical import class_of_interest, clinical_reading
from custom.evaluation.intervals import Intervals
from custom.evaluation.readings import Reading
from custom.evaluation.referral import risk_coverage
from custom.metrics import CLEAN_KEY, AttackKey, Predictions

NAMES = ["BKL", "MEL"]


def predictions(scores, labels):
    probabilities = np.stack([1 - np.array(scores), scores], axis=1)
    names, zeros = np.arange(len(labels)).astype(str), np.zeros(len(labels))
    return Predictions(names, names, np.array(labels), probabilities, probabilities, zeros, zeros, (3, 2, 2), "")


LABELS = [1, 1, 1, 1, 0, 0, 0, 0, 0, 0]
CLEAN = predictions([0.9, 0.8, 0.7, 0.2, 0.75, 0.4, 0.3, 0.3, 0.1, 0.1], LABELS)
ATTACKED = predictions([0.6, 0.5, 0.72, 0.1, 0.9, 0.8, 0.7, 0.3, 0.1, 0.1], LABELS)
READINGS = [Reading(CLEAN_KEY, CLEAN), Reading(AttackKey("pgd20", "l2", 0.3), ATTACKED)]
INTERVALS = Intervals(CLEAN.lesion_ids, 200, 0)


@pytest.mark.parametrize(
    ("names", "given", "expected"),
    [
        (["BKL", "MEL", "NV"], None, (1, "MEL", "melanoma by name")),
        (["nevus", "Melanoma "], None, (1, "Melanoma ", "melanoma by name")),
        (["a", "b"], None, (0, "a", "first class")),
        (["BKL", "MEL"], "BKL", (0, "BKL", "given")),
    ],
)
def test_class_of_interest(names, given, expected):
    found = class_of_interest(names, given)
    assert (found.index, found.name, found.chosen) == expected


def test_a_class_that_is_not_there_gets_one_sentence():
    with pytest.raises(ValueError, match="class_of_interest is 'NV'; use one of BKL, MEL"):
        class_of_interest(NAMES, "NV")


def test_figures_worked_out_by_hand():
    found = clinical_reading(READINGS, class_of_interest(NAMES), INTERVALS)
    assert (found["class"], found["positives"], found["negatives"]) == ("MEL", 4, 6)
    clean, attacked = found["readings"]
    assert (attacked["attack"], attacked["norm"], attacked["epsilon"]) == ("pgd20", "l2", 0.3)
    # Five of six is below 0.9, so no other image may be called positive: two of four melanomas are above 0.75.
    at_90 = next(point for point in clean["sensitivity_at_specificity"] if point["specificity"] == 0.9)
    assert at_90["value"] == 0.5
    assert at_90["low"] <= 0.5 <= at_90["high"]
    at_80 = next(point for point in clean["sensitivity_at_specificity"] if point["specificity"] == 0.8)
    assert at_80["value"] == 0.75
    at_80 = next(point for point in clean["specificity_at_sensitivity"] if point["sensitivity"] == 0.8)
    assert at_80["value"] == pytest.approx(2 / 6)
    # The threshold of clean images is 0.8; kept under attack it finds none of four, and calls two of six others.
    assert clean["fixed_threshold"]["threshold"] == 0.8
    assert clean["fixed_threshold"]["sensitivity"]["value"] == 0.5
    assert clean["fixed_threshold"]["specificity_kept"]["value"] == 1
    assert attacked["fixed_threshold"]["sensitivity"]["value"] == 0
    assert attacked["fixed_threshold"]["specificity_kept"]["value"] == pytest.approx(4 / 6)
    assert clean["roc_auc"]["value"] == pytest.approx((6 + 6 + 5 + 2) / 24)
    assert clean["roc"]["true_positive_rate"][-1] == 1


def test_risk_and_coverage_of_each_reading():
    clean, attacked = risk_coverage(READINGS, INTERVALS)
    assert clean["coverage"][-1] == 1
    assert clean["accuracy"][-1] == CLEAN.accuracy
    assert attacked["accuracy"][-1] == ATTACKED.accuracy
    assert clean["area"]["low"] <= clean["area"]["value"] <= clean["area"]["high"]
