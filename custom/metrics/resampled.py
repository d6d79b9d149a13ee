"""The metrics of many weighted resamples at once, for the bootstrap."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custom.metrics.classification import check_predictions

Array = NDArray[np.float64]


def weighted_ranking(positive: NDArray[np.bool_], score: Array, weights: Array) -> tuple[Array, Array]:
    """Weighted true and false positives at each distinct score, from the highest down: two (R, T) arrays."""
    order = np.argsort(-score, kind="stable")
    last_of_tie = np.append(np.diff(score[order]) != 0, True)
    ordered = weights[:, order]
    hits = np.cumsum(ordered * positive[order], axis=1)[:, last_of_tie]
    return hits, np.cumsum(ordered, axis=1)[:, last_of_tie] - hits


def _average_precision(hits: Array, alarms: Array) -> Array:
    """Sum over thresholds of (R_n - R_{n-1}) P_n for each resample, shape (R,)."""
    gained = np.diff(hits, axis=1, prepend=0)
    found = hits + alarms
    return (gained * np.divide(hits, found, out=np.zeros_like(hits), where=found > 0)).sum(axis=1) / hits[:, -1]


def roc_auc(positive: ArrayLike, scores: ArrayLike, weights: ArrayLike) -> Array:
    """Area under the ROC curve of one class against the rest in R weighted resamples, shape (R,).

    Args:
        positive: whether each image is of the class, shape (N,).
        scores: the class's probability, shape (N,).
        weights: shape (R, N), not negative.
    """
    is_positive, score = np.asarray(positive, dtype=bool), np.asarray(scores, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return _roc_auc(*weighted_ranking(is_positive, score, np.asarray(weights, dtype=np.float64)))


def _roc_auc(hits: Array, alarms: Array) -> Array:
    """Area under the ROC curve by the trapezoid rule for each resample, shape (R,)."""
    start = np.zeros((len(hits), 1))
    area = np.trapezoid(np.hstack([start, hits]), np.hstack([start, alarms]), axis=1)
    return area / (hits[:, -1] * alarms[:, -1])


def resampled_metrics(
    labels: ArrayLike, probabilities: ArrayLike, class_names: Sequence[str], weights: ArrayLike
) -> dict[str, Array]:
    """`classification_metrics` of R weighted versions of the same predictions.

    A bootstrap resample is a weight for each image: how often it was drawn. Sorting once for all resamples
    makes a thousand of them as fast as a handful of calls to scikit-learn with ``sample_weight``, to which
    each result is equal. Metrics without a valid interval are left out.

    Args:
        labels: true classes, shape (N,).
        probabilities: shape (N, classes), rows summing to 1.
        class_names: the classes' names, in the order of the probabilities' columns.
        weights: shape (R, N), not negative.

    Returns:
        For each metric its R values, shape (R,); NaN where a resample has no image of a class that it needs.
    """
    label, probability = check_predictions(labels, probabilities, class_names)
    weight = np.asarray(weights, dtype=np.float64)
    classes, predicted, total = len(class_names), probability.argmax(axis=1), weight.sum(axis=1)

    cells = weight @ np.eye(classes * classes)[label * classes + predicted]
    confusion = cells.reshape(-1, classes, classes)
    right, true = np.diagonal(confusion, axis1=1, axis2=2), confusion.sum(axis=2)
    chosen = confusion.sum(axis=1)

    squared_distance = ((probability - np.eye(classes)[label]) ** 2).sum(axis=1)
    # Cut off at the smallest spacing, as scikit-learn does, so that a probability of 0 does not become infinity.
    surprise = -np.log(np.clip(probability[np.arange(len(label)), label], np.finfo(np.float64).eps, 1))
    rankings = [weighted_ranking(label == k, probability[:, k], weight) for k in range(classes)]
    with np.errstate(invalid="ignore", divide="ignore"):
        recall = right / true
        return {
            "accuracy": right.sum(axis=1) / total,
            "average_precision": np.mean([_average_precision(*ranking) for ranking in rankings], axis=0),
            "precision": np.where(chosen > 0, right / chosen, 0).mean(axis=1),
            "recall": recall.mean(axis=1),
            "f1": (2 * right / (true + chosen)).mean(axis=1),
            "roc_auc": np.mean([_roc_auc(*ranking) for ranking in rankings], axis=0),
            "brier_score": weight @ squared_distance / total,
            "negative_log_likelihood": weight @ surprise / total,
            **{f"recall_{name}": recall[:, index] for index, name in enumerate(class_names)},
        }
