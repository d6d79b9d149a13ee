"""Does the explanation hold when the image is attacked?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr


def rank_correlation(saliency: NDArray[np.floating], attacked: NDArray[np.floating]) -> float:
    """Compute Spearman's rank correlation between two maps, position by position.

    Ranks, not values, because a map that is only scaled says the same.

    Args:
        saliency: map of the clean image.
        attacked: map of the attacked image, same shape.

    Returns:
        1 if both maps order the positions alike, -1 if in reverse; NaN if a map is constant.

    Example::

        >>> import numpy as np
        >>> rank_correlation(np.array([0.0, 0.5, 1.0]), np.array([0.0, 0.1, 0.2]))
        1.0

    """
    if np.ptp(saliency) == 0 or np.ptp(attacked) == 0:
        return float("nan")
    return float(spearmanr(saliency, attacked, axis=None).statistic)
