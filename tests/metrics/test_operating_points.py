import numpy as np
import pytest
from sklearn import metrics as sk

from custom.metrics.operating_points import roc_points, sensitivity_at, specificity_at, threshold_at
from custom.metrics.resampled import roc_auc

POSITIVE = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0], dtype=bool)
SCORES = np.array([0.9, 0.8, 0.5, 0.2, 0.85, 0.5, 0.4, 0.3, 0.1])


@pytest.mark.parametrize(
    ("specificity", "sensitivity"),
    # From 0.9 on one of four is found and nobody else; from 0.8 on two, and one of five others; 0.5 has one of each.
    [(1.0, 0.25), (0.8, 0.5), (0.7, 0.5), (0.6, 0.75), (0.2, 1.0), (0.0, 1.0)],
)
def test_sensitivity_worked_out_by_hand(specificity, sensitivity):
    assert sensitivity_at(POSITIVE, SCORES, specificity).tolist() == [sensitivity]


@pytest.mark.parametrize(
    ("sensitivity", "specificity"), [(0.25, 1.0), (0.5, 0.8), (0.6, 0.6), (0.75, 0.6), (0.76, 0.2), (1.0, 0.2)]
)
def test_specificity_worked_out_by_hand(sensitivity, specificity):
    assert specificity_at(POSITIVE, SCORES, sensitivity) == pytest.approx([specificity])


def test_points_are_the_best_of_scikit_learns_curve():
    generator = np.random.default_rng(0)
    positive = generator.random(300) < 0.3
    scores = np.round(positive * 0.3 + generator.random(300), 2)
    false_positive, true_positive, _ = sk.roc_curve(positive, scores, drop_intermediate=False)
    for target in (0.8, 0.9, 0.95):
        assert sensitivity_at(positive, scores, target)[0] == pytest.approx(
            true_positive[1 - false_positive >= target - 1e-12].max()
        )
        assert specificity_at(positive, scores, target)[0] == pytest.approx(
            1 - false_positive[true_positive >= target - 1e-12].min()
        )


def test_weights_are_repeated_images():
    generator = np.random.default_rng(1)
    positive, scores = generator.random(80) < 0.5, np.round(generator.random(80), 1)
    weights = generator.integers(0, 3, (4, 80))
    for row, weight in enumerate(weights):
        repeated = positive.repeat(weight), scores.repeat(weight)
        for measure in (sensitivity_at, specificity_at):
            assert measure(positive, scores, 0.9, weights)[row] == pytest.approx(measure(*repeated, 0.9)[0])
        assert roc_auc(positive, scores, weights)[row] == pytest.approx(sk.roc_auc_score(*repeated))


def test_the_threshold_keeps_the_specificity():
    for target in (0.0, 0.2, 0.6, 0.8, 1.0):
        threshold = threshold_at(POSITIVE, SCORES, target)
        called = threshold <= SCORES
        assert (~called[~POSITIVE]).mean() >= target
        assert called[POSITIVE].mean() == sensitivity_at(POSITIVE, SCORES, target)[0]
    assert threshold_at([True, False], [0.2, 0.9], 1.0) > 0.9


def test_the_curve_has_both_ends_and_few_points():
    generator = np.random.default_rng(2)
    positive, scores = generator.random(5000) < 0.5, generator.random(5000)
    curve = roc_points(positive, scores)
    assert len(curve.false_positive_rate) <= 200
    assert (curve.false_positive_rate[0], curve.true_positive_rate[0]) == (0, 0)
    assert (curve.false_positive_rate[-1], curve.true_positive_rate[-1]) == (1, 1)
    area = np.trapezoid(curve.true_positive_rate, curve.false_positive_rate)
    assert area == pytest.approx(sk.roc_auc_score(positive, scores), abs=0.01)
