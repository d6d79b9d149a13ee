"""The worst case per image over everything that was tried on it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from custom.metrics.predictions import Predictions

# Projections onto a ball end on its surface, up to the rounding of float32.
_TOLERANCE = 1e-4


def inside_ball(predictions: Predictions, norm: str, epsilon: float) -> NDArray[np.bool_]:
    """Whether each perturbation lies within a ball, whatever attack found it, shape (N,).

    Args:
        predictions: with the perturbations' norms.
        norm: ``"l2"`` or ``"linf"``.
        epsilon: the ball's radius, in units of images in [0, 1].
    """
    sizes: NDArray[np.float64] = predictions.l2 if norm == "l2" else predictions.linf
    return sizes <= epsilon * (1 + _TOLERANCE)


def worst_case_correct(
    clean: Predictions, attacked: Iterable[Predictions], norm: str, epsilon: float, rounded: bool = False
) -> NDArray[np.bool_]:
    """Whether each image is right clean and under every perturbation that was found within the ball, shape (N,).

    The share of such images is the robust accuracy: no single attack is the strongest for all images.

    Args:
        clean: predictions on clean images.
        attacked: predictions on the same images under attacks, of this or of other radii and norms.
        norm: ``"l2"`` or ``"linf"``.
        epsilon: the ball's radius, in units of images in [0, 1].
        rounded: judge by the images rounded to 8 bits instead.
    """
    correct = clean.rounded_correct if rounded else clean.correct
    for predictions in attacked:
        survives = predictions.rounded_correct if rounded else predictions.correct
        correct = correct & (survives | ~inside_ball(predictions, norm, epsilon))
    return correct
