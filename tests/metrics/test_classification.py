import numpy as np
import pytest
from sklearn import metrics as sk

from custom.metrics import accuracy_metrics, classification_metrics

NAMES = ["MEL", "BKL", "NV"]


def random_predictions(count=200, seed=0):
    generator = np.random.default_rng(seed)
    return generator.integers(0, 3, count), generator.dirichlet([1, 1, 1], count)


def test_case_worked_out_by_hand():
    labels = [0, 0, 1, 2]
    probabilities = [[0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.2, 0.7, 0.1], [0.1, 0.2, 0.7]]
    metrics = classification_metrics(labels, probabilities, NAMES)
    assert metrics["accuracy"] == 0.75
    assert (metrics["recall_MEL"], metrics["recall_BKL"], metrics["recall_NV"]) == (0.5, 1.0, 1.0)
    assert metrics["precision"] == pytest.approx((1 + 0.5 + 1) / 3)
    assert metrics["recall"] == pytest.approx(2.5 / 3)
    assert metrics["f1"] == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)
    assert metrics["average_precision"] == 1.0
    assert metrics["roc_auc"] == 1.0
    # Confidences 0.8, 0.7, 0.7 (right), 0.6 (wrong), of which the two 0.7 share a bin.
    squared = (0.2**2 - 0.8 * 0.2 + 0.6**2 - 0.6 * 0.4 + 2 * 0.3**2) / 4
    assert metrics["calibration_error"] == pytest.approx(squared**0.5)
    assert metrics["brier_score"] == pytest.approx((0.06 + 0.86 + 0.14 + 0.14) / 4)
    assert metrics["negative_log_likelihood"] == pytest.approx(-np.log(0.8 * 0.3 * 0.7 * 0.7) / 4)


def test_probability_scores_are_those_of_scikit_learn_also_for_two_classes():
    for classes in (2, 3):
        generator = np.random.default_rng(classes)
        labels, probabilities = generator.integers(0, classes, 90), generator.dirichlet([1] * classes, 90)
        metrics = classification_metrics(labels, probabilities, NAMES[:classes])
        assert metrics["negative_log_likelihood"] == pytest.approx(sk.log_loss(labels, probabilities))
        assert metrics["brier_score"] == pytest.approx(((np.eye(classes)[labels] - probabilities) ** 2).sum(1).mean())


def test_a_true_class_of_probability_zero_leaves_the_likelihood_finite():
    metrics = classification_metrics([0, 1], [[0.0, 1.0], [0.0, 1.0]], NAMES[:2])
    assert metrics["negative_log_likelihood"] == pytest.approx(-np.log(np.finfo(float).eps) / 2)
    assert metrics["brier_score"] == 1


def test_accuracy_metrics_are_the_same_figures_from_predicted_classes_alone():
    labels, probabilities = random_predictions()
    full = classification_metrics(labels, probabilities, NAMES)
    for name, value in accuracy_metrics(labels, probabilities.argmax(1), NAMES).items():
        assert value == pytest.approx(full[name]), name


def test_macro_ranking_metrics_are_those_of_scikit_learn_for_several_classes():
    labels, probabilities = random_predictions()
    metrics = classification_metrics(labels, probabilities, NAMES)
    assert metrics["roc_auc"] == pytest.approx(sk.roc_auc_score(labels, probabilities, multi_class="ovr"))
    assert metrics["average_precision"] == pytest.approx(sk.average_precision_score(labels, probabilities))


def test_a_class_that_is_never_predicted_has_precision_zero():
    metrics = classification_metrics([0, 1, 2], [[1, 0, 0], [1, 0, 0], [0, 0, 1]], NAMES)
    assert metrics["precision"] == pytest.approx((0.5 + 0 + 1) / 3)


@pytest.mark.parametrize(
    ("labels", "probabilities", "sentence"),
    [
        ([], np.zeros((0, 3)), "split is empty"),
        ([0, 1, 3], np.full((3, 3), 1 / 3), "Label 3 is out of range: the classes are 0 to 2"),
        ([-1, 1, 2], np.full((3, 3), 1 / 3), "Label -1 is out of range"),
        ([0, 0, 2], np.full((3, 3), 1 / 3), "No image of class BKL"),
        ([0, 1, 2], np.full((3, 2), 1 / 2), r"shape \(3, 3\), not \(3, 2\)"),
        ([0, 1, 2], np.full((3, 3), np.nan), "not finite"),
    ],
)
def test_bad_predictions_get_one_sentence(labels, probabilities, sentence):
    with pytest.raises(ValueError, match=sentence):
        classification_metrics(labels, probabilities, NAMES)
