import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from custom.evaluation.robust_accuracy import balanced_accuracy


def test_balanced_accuracy_of_resamples_is_scikit_learns():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], [40, 15, 5])
    correct = rng.random(60) < 0.6
    predicted = np.where(correct, labels, (labels + 1) % 3)
    weights = np.stack([np.bincount(rng.integers(0, 60, 60), minlength=60) for _ in range(5)])
    found = balanced_accuracy(correct, labels, weights)
    for row, value in zip(weights, found, strict=True):
        drawn = np.repeat(np.arange(60), row)
        assert value == pytest.approx(balanced_accuracy_score(labels[drawn], predicted[drawn]))


def test_rare_classes_count_as_much_as_frequent_ones():
    labels = np.array([0] * 98 + [1] * 2)
    # 98 of 98 and 0 of 2 are right.
    assert balanced_accuracy(labels == 0, labels, np.ones((1, 100))).tolist() == [0.5]


def test_a_resample_without_a_class_tells_nothing():
    assert np.isnan(balanced_accuracy(np.array([True, True]), np.array([0, 1]), np.array([[2, 0]]))).all()
