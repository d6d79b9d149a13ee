import numpy as np
import pytest

from custom.metrics.risk_coverage import area_under_risk_coverage, selective_accuracy

CORRECT = np.array([True, True, False, True, False])
CONFIDENCE = np.array([0.95, 0.6, 0.9, 0.7, 0.5])


def test_accuracy_of_what_is_kept():
    # By confidence: right, wrong, right, right, wrong.
    kept = selective_accuracy(CORRECT, CONFIDENCE, [0.2, 0.4, 0.6, 0.8, 1.0])
    assert kept == pytest.approx([1, 1 / 2, 2 / 3, 3 / 4, 3 / 5])


def test_area_is_the_mean_risk():
    expected = (0 + 1 / 2 + 1 / 3 + 1 / 4 + 2 / 5) / 5
    assert area_under_risk_coverage(CORRECT, CONFIDENCE) == pytest.approx([expected])


def test_equal_weights_change_nothing():
    once = area_under_risk_coverage(CORRECT, CONFIDENCE)
    assert area_under_risk_coverage(CORRECT, CONFIDENCE, np.full((3, 5), 2)) == pytest.approx([once[0]] * 3)


def test_an_image_of_weight_zero_is_left_out():
    weights = np.array([[1, 1, 0, 1, 1]])
    kept = [0, 1, 3, 4]
    expected = area_under_risk_coverage(CORRECT[kept], CONFIDENCE[kept])
    assert area_under_risk_coverage(CORRECT, CONFIDENCE, weights) == pytest.approx(expected)


def test_a_confidence_that_knows_the_errors_is_the_best():
    generator = np.random.default_rng(0)
    correct = generator.random(5000) < 0.7
    error = 1 - correct.mean()
    (best,) = area_under_risk_coverage(correct, correct)
    (blind,) = area_under_risk_coverage(correct, generator.random(5000))
    # The optimum for many images, of Geifman et al.
    assert best == pytest.approx(error + (1 - error) * np.log(1 - error), abs=1e-3)
    assert blind == pytest.approx(error, abs=0.03)
