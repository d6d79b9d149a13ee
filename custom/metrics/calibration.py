"""Does a predicted probability of 80 % come true in 80 % of the cases?"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

BINS = 15


class ReliabilityBins(NamedTuple):
    """Predictions gathered in equally wide bins of confidence.

    Attributes:
        confidence: mean confidence in each bin, shape (bins,), in [0, 1], NaN where a bin is empty.
        accuracy: share of correct predictions in each bin, shape (bins,), NaN where a bin is empty.
        images: number of predictions in each bin, shape (bins,).
    """

    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    images: NDArray[np.int64]


def confidence_bins(confidence: NDArray[np.float64], bins: int) -> NDArray[np.int64]:
    """Index of the bin ``((b - 1) / bins, b / bins]`` that each confidence falls into, shape (N,)."""
    return np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)


def reliability_bins(labels: ArrayLike, probabilities: ArrayLike, bins: int = BINS) -> ReliabilityBins:
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


def calibration_error(labels: ArrayLike, probabilities: ArrayLike, bins: int = BINS) -> float:
    r"""Debiased root-mean-square calibration error, in [0, 1]; 0 is perfectly calibrated.

    The plain expected calibration error, :math:`\sum_b \frac{n_b}{N} |a_b - c_b|` with the accuracy :math:`a_b` and the
    mean confidence :math:`c_b` of bin b (Guo et al., 2017), turns chance into error: a perfectly calibrated classifier
    gets five points on 300 images. The square of the error has an unbiased estimate (Kumar, Liang and Ma, "Verified
    uncertainty calibration", 2019),

    .. math::
        \sum_b \frac{n_b}{N} \Bigl((a_b - c_b)^2 - \frac{a_b (1 - a_b)}{n_b - 1}\Bigr),

    whose root is taken, or 0 if it is negative. A bin of one image has no such variance; :math:`c_b (1 - c_b)`, which
    it has if the confidence is right, stands in.

    Args:
        labels: true classes, shape (N,).
        probabilities: shape (N, classes), rows summing to 1.
        bins: number of equally wide bins of [0, 1].

    Example:
        >>> labels, probabilities = [0] * 50 + [1] * 50, [[0.9, 0.1]] * 100
        >>> round(calibration_error(labels, probabilities), 3)
        0.397
    """
    binned = reliability_bins(labels, probabilities, bins)
    filled = binned.images > 0
    confidence, accuracy, images = (part[filled] for part in binned)
    variance = np.where(images > 1, accuracy * (1 - accuracy), confidence * (1 - confidence)) / np.maximum(
        images - 1, 1
    )
    squared = images @ ((accuracy - confidence) ** 2 - variance) / images.sum()
    return float(np.sqrt(max(0.0, squared)))
