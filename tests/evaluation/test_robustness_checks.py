import numpy as np
import pytest

from custom.attacks import FGSM, IFGSM, PGD
from custom.evaluation import RobustnessChecks
from custom.metrics import Predictions


def predictions(right, count=100, notes=()):
    """Predictions of which the first `right` are right."""
    labels = np.zeros(count, dtype=int)
    probabilities = np.where(np.arange(count)[:, None] < right, [0.9, 0.1], [0.1, 0.9])
    names, zeros = np.arange(count).astype(str), np.zeros(count)
    return Predictions(names, names, labels, probabilities, probabilities, zeros, zeros, (1, 2), "", notes)


REFERENCE = PGD(epsilon=0.3, steps=20, norm="l2")
CHECKS = RobustnessChecks(
    REFERENCE, PGD(epsilon=0.3, steps=100, norm="l2"), FGSM(epsilon=1), {"Square": REFERENCE}, tolerance=0.03
)


def outcomes(checks):
    return {check.name: check.passed for check in checks}


def test_sound_figures_pass_everything():
    checked = {
        "reference": predictions(40),
        "many_steps": predictions(38),
        "unbounded": predictions(0),
        "black_box_Square": predictions(60),
    }
    attacks = {"fgsm": FGSM(epsilon=0.1), "ifgsm": IFGSM(epsilon=0.1, steps=10)}
    checks = CHECKS.judge(attacks, {"fgsm": predictions(50), "ifgsm": predictions(30)}, checked)
    assert outcomes(checks) == {
        "ifgsm is at least as strong as fgsm": True,
        "An unbounded radius leaves no image right": True,
        "100 steps are hardly stronger than 20": True,
        "The white box is at least as strong as the black box (Square)": True,
        "The attacks gave no warning": True,
    }
    assert checks[2].detail == "38.0% against 40.0% right on 100 images"


@pytest.mark.parametrize(
    ("name", "right", "failing"),
    [
        ("unbounded", 1, "An unbounded radius leaves no image right"),
        ("many_steps", 36, "100 steps are hardly stronger than 20"),
        ("black_box_Square", 36, "The white box is at least as strong as the black box (Square)"),
    ],
)
def test_each_sign_of_false_robustness_fails_its_check_alone(name, right, failing):
    checked = {
        "reference": predictions(40),
        "many_steps": predictions(40),
        "unbounded": predictions(0),
        "black_box_Square": predictions(40),
    }
    checked[name] = predictions(right)
    failed = [check for check, passed in outcomes(CHECKS.judge({}, {}, checked)).items() if not passed]
    assert failed == [failing]


def test_iterated_attack_weaker_than_one_step_fails_but_only_in_the_same_ball():
    attacks = {
        "fgsm": FGSM(epsilon=0.1),
        "same": IFGSM(epsilon=0.1, steps=10),
        "smaller": IFGSM(epsilon=0.05, steps=10),
        "other norm": PGD(epsilon=0.1, steps=10, norm="l2"),
    }
    attacked = {name: predictions(90) for name in attacks} | {"fgsm": predictions(50)}
    found = outcomes(RobustnessChecks().judge(attacks, attacked, {}))
    assert found == {"same is at least as strong as fgsm": False, "The attacks gave no warning": True}


def test_warnings_fail_except_the_one_that_three_classes_always_bring():
    usual = "with only 3 classes it is not possible to use the targeted DLR loss!"
    quiet = RobustnessChecks().judge({}, {"autoattack": predictions(1, notes=(usual,))}, {})
    assert outcomes(quiet) == {"The attacks gave no warning": True}
    loud = RobustnessChecks().judge({}, {"autoattack": predictions(1, notes=("zero gradient",))}, {})
    assert loud[0].passed is False
    assert loud[0].detail == "zero gradient"


def test_subset_holds_classes_alike():
    labels = np.array([0] * 10 + [1] * 3 + [2] * 5)
    assert RobustnessChecks(images=6).subset(labels).tolist() == [0, 1, 10, 11, 13, 14]
    assert len(RobustnessChecks(images=60).subset(labels)) == 18


@pytest.mark.parametrize("wrong", [{"images": 0}, {"tolerance": -0.1}, {"tolerance": 1}])
def test_bad_settings_get_one_sentence(wrong):
    with pytest.raises(ValueError, match="The checks"):
        RobustnessChecks(**wrong)
