"""The metrics of one set of predictions, by scikit-learn."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    log_loss,
    precision_recall_fscore_support,
    roc_auc_score,
)

from custom.metrics.calibration import calibration_error

LESS_IS_BETTER = ("brier_score", "negative_log_likelihood", "calibration_error")
"""Metrics of which a smaller value is better."""

WITHOUT_INTERVAL = ("calibration_error",)
"""Metrics whose bootstrap interval is not valid: resampling adds to the error what debiasing takes away."""


def accuracy_metrics(labels: ArrayLike, predicted: ArrayLike, class_names: Sequence[str]) -> dict[str, float]:
    """Those of `classification_metrics` that need only the predicted classes: accuracy and recalls.

    Args:
        labels: true classes, shape (N,).
        predicted: predicted classes, shape (N,).
        class_names: the classes' names, in the order of their indices; each needs an image.

    Example:
        >>> accuracy_metrics([0, 1, 1], [0, 1, 0], ["NV", "MEL"])["recall"]
        0.75
    """
    label, correct = np.asarray(labels), np.asarray(predicted) == np.asarray(labels)
    recall = [float(correct[label == index].mean()) for index in range(len(class_names))]
    return {
        "accuracy": float(correct.mean()),
        "recall": float(np.mean(recall)),
        **{f"recall_{name}": value for name, value in zip(class_names, recall, strict=True)},
    }


def check_predictions(
    labels: ArrayLike, probabilities: ArrayLike, class_names: Sequence[str]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return labels and probabilities as arrays, or say what is wrong with them.

    Args:
        labels: true classes, shape (N,), integers from 0 to classes - 1.
        probabilities: shape (N, classes), finite.
        class_names: the classes' names, in the order of the probabilities' columns.

    Raises:
        ValueError: if there is no prediction, a shape does not fit, a label is out of range, a class has no
            image, or a probability is not finite.
    """
    label, probability = np.asarray(labels), np.asarray(probabilities, dtype=np.float64)
    if label.size == 0:
        raise ValueError("No image to evaluate: the split is empty.")
    if probability.shape != (label.size, len(class_names)):
        raise ValueError(
            f"{label.size} labels and {len(class_names)} classes need probabilities of shape "
            f"({label.size}, {len(class_names)}), not {probability.shape}."
        )
    if label.min() < 0 or label.max() >= len(class_names):
        wrong = label.min() if label.min() < 0 else label.max()
        raise ValueError(f"Label {wrong} is out of range: the classes are 0 to {len(class_names) - 1}.")
    absent = [name for index, name in enumerate(class_names) if not (label == index).any()]
    if absent:
        raise ValueError(f"No image of class {', '.join(absent)}: every class needs at least one image.")
    if not np.isfinite(probability).all():
        raise ValueError("The classifier's output is not finite (NaN or infinity).")
    return label.astype(np.int64), probability


def classification_metrics(labels: ArrayLike, probabilities: ArrayLike, class_names: Sequence[str]) -> dict[str, float]:
    """Metrics of a classifier's predictions.

    The predicted class is that of the largest probability. Means over classes are unweighted (macro). All lie in
    [0, 1] and more is better, unless another range is given:

    - ``accuracy``: share of correct predictions (GAcc on clean images, RAcc on attacked ones).
    - ``average_precision``: mean over classes of AP = sum over n of (R_n - R_{n-1}) P_n, class against rest
      (mAP on clean images, mARP on attacked ones).
    - ``precision``, ``recall``, ``f1``: means over classes; a class never predicted has precision 0.
    - ``roc_auc``: mean over classes of the area under the ROC curve, class against rest.
    - ``brier_score``: mean over images of the squared distance of the probabilities from the one-hot label, in
      [0, 2]; less is better.
    - ``negative_log_likelihood``: mean of -log p of the true class, in nats, >= 0; less is better.
    - ``calibration_error``: debiased root-mean-square calibration error in 15 bins; less is better.
    - ``recall_<class>``: share of the class's images that are recognized.

    Args:
        labels: true classes, shape (N,).
        probabilities: shape (N, classes), rows summing to 1.
        class_names: the classes' names, in the order of the probabilities' columns.

    Raises:
        ValueError: as `check_predictions` does.

    Example:
        >>> metrics = classification_metrics([0, 1, 1], [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]], ["NV", "MEL"])
        >>> round(metrics["accuracy"], 3), metrics["recall_MEL"]
        (0.667, 0.5)
    """
    label, probability = check_predictions(labels, probabilities, class_names)
    predicted = probability.argmax(axis=1)
    one_hot = label[:, None] == np.arange(len(class_names))
    classes = list(range(len(class_names)))
    precision, recall, f1, _ = precision_recall_fscore_support(label, predicted, labels=classes, zero_division=0)
    return {
        "accuracy": float(accuracy_score(label, predicted)),
        "average_precision": float(average_precision_score(one_hot, probability, average="macro")),
        "precision": float(precision.mean()),
        "recall": float(recall.mean()),
        "f1": float(f1.mean()),
        "roc_auc": float(np.mean([roc_auc_score(one_hot[:, k], probability[:, k]) for k in classes])),
        "brier_score": float(brier_score_loss(one_hot, probability, scale_by_half=False)),
        "negative_log_likelihood": float(log_loss(label, probability, labels=classes)),
        "calibration_error": calibration_error(label, probability),
        **{f"recall_{name}": float(recall[index]) for index, name in enumerate(class_names)},
    }
