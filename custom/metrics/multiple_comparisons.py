"""Several comparisons at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values for their number, by Holm's step-down method (1979).

    The i-th smallest of m becomes the largest of (m - j + 1) p_j over all j up to i, at most 1. The chance that any
    true hypothesis of the family falls below a level is then at most that level, whatever depends on what.

    Args:
        p_values: of one family of hypotheses.

    Returns:
        The adjusted p-values, in the same order.

    Example:
        >>> holm([0.01, 0.04, 0.03])
        [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values, kind="stable")
    adjusted, largest = [1.0] * len(order), 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted
