"""Each image's smallest radius, as far as a minimal-norm attack finds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custom.evaluation.intervals import Intervals
from custom.evaluation.select_attacks import SelectedAttack
from custom.metrics import AttackKey, Predictions

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


def smallest_radius(
    attacks: Sequence[SelectedAttack], attacked: Mapping[AttackKey, Predictions], intervals: Intervals
) -> dict[str, Any] | None:
    """The distribution of the images' smallest radii under the first minimal-norm attack that ran.

    Args:
        attacks: the attacks.
        attacked: predictions under each of them.
        intervals: of the images.

    Returns:
        What ``metrics.json`` holds under ``smallest_radius``; ``None`` if no such attack ran. A quantile beyond the
        radii that were searched is ``None``.
    """
    for item in attacks:
        if item.minimal:
            found = attacked[item.key]
            sizes = found.l2 if item.attack.norm == "l2" else found.linf
            # An image that is mistaken as it is comes back unchanged: its radius is 0.
            radii = np.where(found.correct, np.inf, sizes)
            return {
                "attack": item.name,
                "norm": item.attack.norm,
                "images": len(radii),
                "median": intervals.statistic(partial(_weighted_quantile, radii, 0.5)),
                "quantiles": {str(share): _quantile(radii, share) for share in QUANTILES},
            }
    return None


def _quantile(radii: NDArray[np.float64], share: float) -> float | None:
    value = float(_weighted_quantile(radii, share, np.ones((1, len(radii))))[0])
    return value if np.isfinite(value) else None


def _weighted_quantile(radii: NDArray[np.float64], share: float, weights: ArrayLike) -> NDArray[np.float64]:
    """The smallest radius within which at least this share of each resample's images lies, shape (R,)."""
    order = np.argsort(radii, kind="stable")
    inside = np.cumsum(np.asarray(weights)[:, order], axis=1)
    first = (inside < share * inside[:, -1:] - 1e-9).sum(axis=1)
    return radii[order][np.minimum(first, len(radii) - 1)]
