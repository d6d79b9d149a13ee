"""Does a predicted probability of 80 % come true in 80 % of the cases?"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray


class ReliabilityBins(NamedTuple):
    """Predictions gathered in equally wide bins of confidence.

    Attributes:
        confidence: mean confidence in each bin, shape (bins,), in [0, 1], NaN where a bin is empty.
        accuracy: share of right predictions in each bin, shape (bins,), NaN where a bin is empty.
        images: number of predictions in each bin, shape (bins,).
    """

    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    images: NDArray[np.int64]


def confidence_bins(confidence: NDArray[np.float64], bins: int) -> NDArray[np.int64]:
    """Index of the bin ``((b - 1) / bins, b / bins]`` that each confidence falls into, shape (N,)."""
    return np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)


def reliability_bins(labels: ArrayLike, probabilities: ArrayLike, bins: int = 15) -> ReliabilityBins:
    """Gather predictions by their confidence, the largest probability of each.

    Args:
        labels: true classes, shape (N,).
        probabilities: shape (N, classes), rows summing to 1.
        bins: number of equally wide bins of [0, 1].

    Returns:
        Mean confidence, accuracy and count of every bin.
    """
    label, probability = np.asarray(labels), np.asarray(probabilities, dtype=np.float64)
    confidence = probability.max(axis=1)
    index = confidence_bins(confidence, bins)
    count = np.bincount(index, minlength=bins)
    with np.errstate(invalid="ignore"):
        mean_confidence = np.bincount(index, weights=confidence, minlength=bins) / count
        accuracy = np.bincount(index, weights=probability.argmax(axis=1) == label, minlength=bins) / count
    return ReliabilityBins(mean_confidence, accuracy, count)


def expected_calibration_error(labels: ArrayLike, probabilities: ArrayLike, bins: int = 15) -> float:
    """Expected calibration error, in [0, 1]; 0 is perfectly calibrated.

    ECE = sum over bins b of n_b / N * ``|accuracy_b - confidence_b|`` (Guo et al., 2017).

    Args:
        labels: true classes, shape (N,).
        probabilities: shape (N, classes), rows summing to 1.
        bins: number of equally wide bins of [0, 1].

    Example:
        >>> round(expected_calibration_error([0, 1], [[0.9, 0.1], [0.9, 0.1]], bins=10), 3)
        0.4
    """
    confidence, accuracy, images = reliability_bins(labels, probabilities, bins)
    return float(np.nansum(images * np.abs(accuracy - confidence)) / images.sum())
