import numpy as np
import pytest
import torch

from custom.attacks import FGSM, IFGSM, PGD
from custom.evaluation import AttackRunner, RobustnessChecks, SelectedAttack
from custom.evaluation.class_subset import class_subset
from custom.metrics import Predictions

from .margins import ChannelMeans


def predictions(right, count=100, notes=()):
    """Predictions of which the first `right` are right."""
    labels = np.zeros(count, dtype=int)
    probabilities = np.where(np.arange(count)[:, None] < right, [0.9, 0.1], [0.1, 0.9])
    names, zeros = np.arange(count).astype(str), np.zeros(count)
    return Predictions(names, names, labels, probabilities, probabilities, zeros, zeros, (1, 2), "", notes)


def judged(checks, attacks, attacked, checked, **more):
    """The outcomes, for attacks and predictions by name."""
    selected = [SelectedAttack(name, attack) for name, attack in attacks.items()]
    notes = [SelectedAttack(name, FGSM(epsilon=1)) for name in attacked if name not in attacks]
    found = {item.key: attacked[item.name] for item in [*selected, *notes]}
    return checks.judge(selected, found, checked, **more)


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
    checks = judged(CHECKS, attacks, {"fgsm": predictions(50), "ifgsm": predictions(30)}, checked)
    assert outcomes(checks) == {
        "ifgsm is at least as strong as fgsm": True,
        "An unbounded radius leaves no image correct": True,
        "100 steps are hardly stronger than 20": True,
        "100 steps are no weaker than 20": True,
        "The white box is at least as strong as the black box (Square)": True,
        "The attacks gave no warning": True,
    }
    assert checks[2].detail == "accuracy 38.0% against 40.0% on 100 images"


@pytest.mark.parametrize(
    ("name", "right", "failing"),
    [
        ("unbounded", 1, "An unbounded radius leaves no image correct"),
        ("many_steps", 36, "100 steps are hardly stronger than 20"),
        ("many_steps", 44, "100 steps are no weaker than 20"),
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
    failed = [check for check, passed in outcomes(judged(CHECKS, {}, {}, checked)).items() if not passed]
    assert failed == [failing]


def test_iterated_attack_weaker_than_one_step_fails_but_only_in_the_same_ball():
    attacks = {
        "fgsm": FGSM(epsilon=0.1),
        "same": IFGSM(epsilon=0.1, steps=10),
        "smaller": IFGSM(epsilon=0.05, steps=10),
        "other norm": PGD(epsilon=0.1, steps=10, norm="l2"),
    }
    attacked = {name: predictions(90) for name in attacks} | {"fgsm": predictions(50)}
    found = outcomes(judged(RobustnessChecks(), attacks, attacked, {}))
    assert found == {"same is at least as strong as fgsm": False, "The attacks gave no warning": True}


def test_warnings_fail_except_the_one_that_three_classes_always_bring():
    usual = "with only 3 classes it is not possible to use the targeted DLR loss!"
    quiet = judged(RobustnessChecks(), {}, {"autoattack": predictions(1, notes=(usual,))}, {})
    assert outcomes(quiet) == {"The attacks gave no warning": True}
    loud = judged(RobustnessChecks(), {}, {"autoattack": predictions(1, notes=("zero gradient",))}, {})
    assert loud[0].passed is False
    assert loud[0].detail == "zero gradient"


def test_more_steps_that_are_weaker_are_noticed():
    attacks = {"pgd20": REFERENCE, "pgd50": PGD(epsilon=0.3, steps=50, norm="l2"), "fgsm": FGSM(epsilon=0.3)}
    attacked = {"pgd20": predictions(40), "pgd50": predictions(44), "fgsm": predictions(50)}
    found = outcomes(judged(RobustnessChecks(), attacks, attacked, {}))
    assert found == {"pgd50 is at least as strong as pgd20": False, "The attacks gave no warning": True}


def test_radius_zero_must_leave_the_clean_predictions():
    name = "An attack of radius 0 leaves the clean accuracy"
    same = judged(CHECKS, {}, {}, {"epsilon_0": predictions(70)}, clean=predictions(70))
    assert outcomes(same)[name] is True
    other = judged(CHECKS, {}, {}, {"epsilon_0": predictions(69)}, clean=predictions(70))
    assert outcomes(other)[name] is False


def test_two_runs_that_differ_are_noticed():
    checked = {"reference": predictions(40), "reference_again": predictions(41)}
    assert outcomes(judged(CHECKS, {}, {}, checked))["Two runs of an attack agree"] is False
    checked["reference_again"] = predictions(40)
    assert outcomes(judged(CHECKS, {}, {}, checked))["Two runs of an attack agree"] is True


def test_vanishing_gradients_are_noticed():
    name = "The loss has a gradient at the images"
    assert outcomes(judged(CHECKS, {}, {}, {}, zero_gradients=0.0))[name] is True
    assert outcomes(judged(CHECKS, {}, {}, {}, zero_gradients=0.5))[name] is False


class Masked(ChannelMeans):
    """The logits times a thousand: the softmax saturates, and cross-entropy loses its gradient."""

    def forward(self, images):
        return 1000 * super().forward(images)


class Randomized(ChannelMeans):
    """Other logits at every call."""

    def forward(self, images):
        return super().forward(images) + torch.randn(len(images), 3)


@pytest.mark.parametrize(
    ("network", "failed"),
    [
        (ChannelMeans(), set()),
        (Masked(), {"gradients", "unbounded"}),
        (Randomized(), {"epsilon_zero", "repeatable"}),
    ],
    ids=["sound", "masked gradients", "randomized"],
)
def test_checks_find_what_is_wrong_with_a_network(network, failed, loader, tmp_path):
    checks = RobustnessChecks(
        PGD(epsilon=0.5, steps=10, norm="l2"),
        PGD(epsilon=0.5, steps=30, norm="l2"),
        PGD(epsilon=1, steps=20, step_size=0.1, norm="linf"),
        images=18,
    )
    runner = AttackRunner(network, loader, tmp_path, progress=False)
    found = checks.run(runner, runner.clean(), [], {})
    assert {check.check for check in found if not check.passed} >= failed
    if not failed:
        assert all(check.passed for check in found), found


def test_subset_holds_classes_alike():
    labels = np.array([0] * 10 + [1] * 3 + [2] * 5)
    assert class_subset(labels, 6).tolist() == [0, 1, 10, 11, 13, 14]
    assert len(class_subset(labels, 60)) == 18


@pytest.mark.parametrize("wrong", [{"images": 0}, {"tolerance": -0.1}, {"tolerance": 1}])
def test_bad_settings_get_one_sentence(wrong):
    with pytest.raises(ValueError, match="The checks"):
        RobustnessChecks(**wrong)


def test_a_difference_of_one_image_is_put_down_to_chance_on_few_images():
    few, weaker, much_weaker = (predictions(right, count=20) for right in (7, 8, 9))
    attacks = {"pgd20": PGD(epsilon=0.3, steps=20, norm="l2"), "pgd50": PGD(epsilon=0.3, steps=50, norm="l2")}
    for many, passed in ((weaker, True), (much_weaker, False)):
        checks = judged(CHECKS, attacks, {"pgd20": few, "pgd50": many}, {"reference": few, "many_steps": many})
        found = outcomes(checks)
        assert found["pgd50 is at least as strong as pgd20"] is passed
        assert found["100 steps are no weaker than 20"] is passed
        assert found["100 steps are hardly stronger than 20"]
