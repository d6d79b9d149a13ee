"""Sensitivity and specificity of one class against the rest, at points where a clinic would work."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import roc_curve

from custom.metrics.resampled import weighted_ranking

# Shares such as 1 - 0.9 are not exact in binary.
_ROUNDING = 1e-9


class RocCurve(NamedTuple):
    """Points of a receiver operating characteristic, from (0, 0) to (1, 1).

    Attributes:
        false_positive_rate: shape (points,), ascending.
        true_positive_rate: shape (points,), ascending.
    """

    false_positive_rate: NDArray[np.float64]
    true_positive_rate: NDArray[np.float64]


def roc_points(positive: ArrayLike, scores: ArrayLike, points: int = 200) -> RocCurve:
    """The ROC curve by scikit-learn, with no more points than a figure can show.

    Args:
        positive: whether each image is of the class, shape (N,).
        scores: the class's probability, shape (N,).
        points: the largest number of points; both ends are always among them.
    """
    false_positive, true_positive, _ = roc_curve(np.asarray(positive, dtype=bool), np.asarray(scores))
    chosen = np.arange(len(false_positive))
    if len(chosen) > points:
        chosen = np.unique(np.linspace(0, len(chosen) - 1, points).round().astype(int))
    return RocCurve(false_positive[chosen], true_positive[chosen])


def sensitivity_at(
    positive: ArrayLike, scores: ArrayLike, specificity: float, weights: ArrayLike | None = None
) -> NDArray[np.float64]:
    """The highest sensitivity at which the specificity is at least the one asked for.

    Args:
        positive: whether each image is of the class, shape (N,).
        scores: the class's probability, shape (N,); an image is called positive from a threshold on.
        specificity: share of the other images that must be called negative, in [0, 1].
        weights: of the images in R resamples, shape (R, N); one resample with all weights 1 if none are given.

    Returns:
        Shape (R,); NaN if a resample has no image of the class.

    Example:
        >>> sensitivity_at([1, 1, 0, 0], [0.9, 0.4, 0.6, 0.1], specificity=0.5).tolist()
        [1.0]
    """
    hits, alarms = _counts(positive, scores, weights)
    allowed = (1 - specificity + _ROUNDING) * alarms[:, -1:]
    # Counts rise along the axis, so the last that is allowed is the best; the first column is "nobody is positive".
    last = (alarms <= allowed).sum(axis=1) - 1
    with np.errstate(invalid="ignore"):
        return hits[np.arange(len(hits)), last] / hits[:, -1]


def specificity_at(
    positive: ArrayLike, scores: ArrayLike, sensitivity: float, weights: ArrayLike | None = None
) -> NDArray[np.float64]:
    """The highest specificity at which the sensitivity is at least the one asked for.

    Args:
        positive: whether each image is of the class, shape (N,).
        scores: the class's probability, shape (N,); an image is called positive from a threshold on.
        sensitivity: share of the class's images that must be called positive, in [0, 1].
        weights: of the images in R resamples, shape (R, N); one resample with all weights 1 if none are given.

    Returns:
        Shape (R,); NaN if a resample has no image of another class.

    Example:
        >>> specificity_at([1, 1, 0, 0], [0.9, 0.4, 0.6, 0.1], sensitivity=1).tolist()
        [0.5]
    """
    hits, alarms = _counts(positive, scores, weights)
    needed = (sensitivity - _ROUNDING) * hits[:, -1:]
    first = (hits < needed).sum(axis=1)
    with np.errstate(invalid="ignore"):
        return 1 - alarms[np.arange(len(alarms)), first] / alarms[:, -1]


def threshold_at(positive: ArrayLike, scores: ArrayLike, specificity: float) -> float:
    """The lowest threshold, from which on an image is called positive, with at least the specificity asked for.

    Args:
        positive: whether each image is of the class, shape (N,).
        scores: the class's probability, shape (N,).
        specificity: share of the other images that must be called negative, in [0, 1].

    Returns:
        One of the scores, or a number above all of them if even the highest score is too much.

    Example:
        >>> threshold_at([1, 1, 0, 0], [0.9, 0.4, 0.6, 0.1], specificity=0.5)
        0.4
    """
    is_positive, score = np.asarray(positive, dtype=bool), np.asarray(scores, dtype=np.float64)
    others = np.sort(score[~is_positive])
    candidates = np.append(np.unique(score), np.nextafter(score.max(), np.inf))
    kept = np.searchsorted(others, candidates, side="left") / max(len(others), 1)
    return float(candidates[np.argmax(kept >= specificity - _ROUNDING)])


def _counts(
    positive: ArrayLike, scores: ArrayLike, weights: ArrayLike | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """True and false positives at each threshold from "nobody" on: two (R, T + 1) arrays."""
    is_positive, score = np.asarray(positive, dtype=bool), np.asarray(scores, dtype=np.float64)
    weight = np.ones((1, len(score))) if weights is None else np.asarray(weights, dtype=np.float64)
    hits, alarms = weighted_ranking(is_positive, score, weight)
    start = np.zeros((len(hits), 1))
    return np.hstack([start, hits]), np.hstack([start, alarms])
