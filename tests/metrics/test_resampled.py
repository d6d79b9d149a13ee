import numpy as np
import pytest
from sklearn import metrics as sk

from custom.metrics import classification_metrics, resampled_metrics

NAMES = ["MEL", "BKL", "NV"]


@pytest.fixture(scope="module")
def predictions():
    generator = np.random.default_rng(3)
    # Rounding makes ties, which the ranking metrics must treat as one threshold.
    return generator.integers(0, 3, 120), np.round(generator.dirichlet([1, 1, 1], 120), 1)


def test_unit_weights_give_the_plain_metrics(predictions):
    plain = classification_metrics(*predictions, NAMES)
    resampled = resampled_metrics(*predictions, NAMES, np.ones((1, 120)))
    del plain["calibration_error"]
    assert list(resampled) == list(plain)
    for name, value in plain.items():
        assert resampled[name][0] == pytest.approx(value), name


def test_weights_are_those_of_scikit_learn(predictions):
    labels, probabilities = predictions
    weights = np.random.default_rng(1).integers(0, 4, (5, 120))
    resampled = resampled_metrics(labels, probabilities, NAMES, weights)
    predicted, one_hot = probabilities.argmax(1), np.eye(3)[labels]
    for row, weight in enumerate(weights):
        precision, recall, f1, _ = sk.precision_recall_fscore_support(
            labels, predicted, average="macro", sample_weight=weight, zero_division=0
        )
        expected = {
            "accuracy": sk.accuracy_score(labels, predicted, sample_weight=weight),
            "average_precision": sk.average_precision_score(one_hot, probabilities, sample_weight=weight),
            "roc_auc": sk.roc_auc_score(one_hot, probabilities, sample_weight=weight),
            "precision": precision,
            "recall": recall,
            "f1": f1,
            "negative_log_likelihood": sk.log_loss(labels, probabilities, sample_weight=weight),
            "brier_score": sk.brier_score_loss(
                labels, probabilities, sample_weight=weight, labels=[0, 1, 2], scale_by_half=False
            ),
        }
        for name, value in expected.items():
            assert resampled[name][row] == pytest.approx(value), name


def test_whole_weights_equal_repeated_images(predictions):
    labels, probabilities = predictions
    weight = np.random.default_rng(2).integers(0, 3, 120)
    repeated = classification_metrics(labels.repeat(weight), probabilities.repeat(weight, axis=0), NAMES)
    resampled = resampled_metrics(labels, probabilities, NAMES, weight[None])
    del repeated["calibration_error"]
    for name, value in repeated.items():
        assert resampled[name][0] == pytest.approx(value), name


def test_resample_without_a_class_is_nan_where_the_class_counts(predictions):
    labels, probabilities = predictions
    resampled = resampled_metrics(labels, probabilities, NAMES, (labels != 0)[None].astype(float))
    assert np.isnan(resampled["recall_MEL"][0])
    assert np.isnan(resampled["roc_auc"][0])
    assert np.isfinite(resampled["accuracy"][0])
