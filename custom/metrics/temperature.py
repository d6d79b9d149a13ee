"""Temperature scaling: one number that makes probabilities come true (Guo et al., 2017)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar

LOWEST, HIGHEST = 0.05, 20.0
"""Bounds of a fitted temperature."""


def with_temperature(probabilities: ArrayLike, temperature: float) -> NDArray[np.float64]:
    """Probabilities of the logits divided by a temperature; the predicted classes stay.

    Args:
        probabilities: softmax outputs, shape (N, classes).
        temperature: above 1 for less confident probabilities, > 0.

    Example:
        >>> with_temperature([[0.8, 0.2]], 2.0).round(3).tolist()
        [[0.667, 0.333]]
    """
    probability = np.asarray(probabilities, dtype=np.float64)
    logits = np.log(np.maximum(probability, np.finfo(np.float64).tiny)) / temperature
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def fit_temperature(labels: ArrayLike, probabilities: ArrayLike) -> float:
    """The temperature that minimizes the negative log-likelihood, fitted on images that are not tested on.

    Args:
        labels: true classes, shape (N,).
        probabilities: softmax outputs, shape (N, classes).

    Returns:
        A number between ``LOWEST`` and ``HIGHEST``.
    """
    label = np.asarray(labels)
    rows = np.arange(len(label))

    def loss(logarithm: float) -> float:
        scaled = with_temperature(probabilities, float(np.exp(logarithm)))[rows, label]
        return float(-np.log(np.maximum(scaled, np.finfo(np.float64).tiny)).mean())

    found = minimize_scalar(loss, bounds=(np.log(LOWEST), np.log(HIGHEST)), method="bounded", options={"xatol": 1e-6})
    return float(np.exp(found.x))
