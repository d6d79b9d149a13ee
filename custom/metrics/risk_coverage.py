"""What is left if the least certain images are referred to a person."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def selective_accuracy(correct: ArrayLike, confidence: ArrayLike, coverage: ArrayLike) -> NDArray[np.float64]:
    """Accuracy on the most confident images, for several shares of images that are kept.

    Args:
        correct: whether each image is classified correctly, shape (N,).
        confidence: the largest probability of each image, shape (N,).
        coverage: shares of images to keep, in (0, 1], shape (K,); at least one image is kept.

    Returns:
        Shape (K,).

    Example:
        >>> selective_accuracy([True, False, True, True], [0.9, 0.4, 0.8, 0.6], [0.5, 1.0]).tolist()
        [1.0, 0.75]
    """
    order = np.argsort(-np.asarray(confidence, dtype=np.float64), kind="stable")
    hits = np.cumsum(np.asarray(correct, dtype=np.float64)[order])
    kept = np.clip(np.round(np.asarray(coverage) * len(order)).astype(int), 1, len(order))
    return hits[kept - 1] / kept


def area_under_risk_coverage(
    correct: ArrayLike, confidence: ArrayLike, weights: ArrayLike | None = None
) -> NDArray[np.float64]:
    r"""Area under the risk-coverage curve (AURC; Geifman, Uziel and El-Yaniv, 2019), in [0, 1]; lower is better.

    With the images ordered by falling confidence it is :math:`\frac{1}{N} \sum_k \frac{1}{k} \sum_{i \le k} e_i`, where
    :math:`e_i` is 1 for an error: the mean over all coverages of the error rate of what is kept.

    Args:
        correct: whether each image is classified correctly, shape (N,).
        confidence: the largest probability of each image, shape (N,).
        weights: of the images in R resamples, shape (R, N); one resample with all weights 1 if none are given.

    Returns:
        Shape (R,).

    Example:
        >>> area_under_risk_coverage([True, False], [0.9, 0.6]).tolist()
        [0.25]
    """
    order = np.argsort(-np.asarray(confidence, dtype=np.float64), kind="stable")
    error = 1 - np.asarray(correct, dtype=np.float64)[order]
    weight = np.ones((1, len(order))) if weights is None else np.asarray(weights, dtype=np.float64)[:, order]
    kept = np.cumsum(weight, axis=1)
    risk = np.divide(np.cumsum(weight * error, axis=1), kept, out=np.zeros_like(kept), where=kept > 0)
    return (risk * weight).sum(axis=1) / kept[:, -1]
