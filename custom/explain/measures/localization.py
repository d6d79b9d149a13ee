"""Does a map find the lesion? Measures against a mask, for any number of spatial axes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
Mask = NDArray[np.bool_]

IOU_THRESHOLDS = np.arange(1, 20) / 20
"""Shares of a map's maximum, 0.05 to 0.95, the usual thresholds of :func:`iou_curve`."""


def pointing_game(saliency: Array, mask: Mask) -> float:
    """Compute whether the map's maximum lies in the lesion.

    Args:
        saliency: map with values of at least 0.
        mask: True in the lesion, same shape.

    Returns:
        1 for a hit, 0 for a miss; if several positions share the maximum, the share of them in the lesion. NaN for a
        map that is 0 throughout or an empty mask.

    Example::

        >>> import numpy as np
        >>> pointing_game(np.array([0.1, 1.0]), np.array([False, True]))
        1.0

    """
    if not _measurable(saliency, mask):
        return float("nan")
    return float(mask[saliency == saliency.max()].mean())


def energy_inside(saliency: Array, mask: Mask) -> float:
    """Compute the share of the map's sum that lies in the lesion.

    Args:
        saliency: map with values of at least 0.
        mask: True in the lesion, same shape.

    Returns:
        A share in [0, 1]; NaN for a map that is 0 throughout or an empty mask.

    Example::

        >>> import numpy as np
        >>> energy_inside(np.array([0.25, 0.75]), np.array([False, True]))
        0.75

    """
    if not _measurable(saliency, mask):
        return float("nan")
    return float(saliency[mask].sum() / saliency.sum())


def iou_curve(saliency: Array, mask: Mask, thresholds: Array = IOU_THRESHOLDS) -> NDArray[np.float64]:
    """Compute the intersection over union of the lesion with the map at several thresholds.

    Args:
        saliency: map with values of at least 0.
        mask: True in the lesion, same shape.
        thresholds: shares of the map's maximum; positions that reach them count as found.

    Returns:
        One value in [0, 1] for each threshold; NaN for a map that is 0 throughout or an empty mask.

    Example::

        >>> import numpy as np
        >>> iou_curve(np.array([0.5, 1.0, 0.0]), np.array([False, True, False]), np.array([0.5, 1.0]))
        array([0.5, 1. ])

    """
    if not _measurable(saliency, mask):
        return np.full(len(thresholds), np.nan)
    found = [saliency >= threshold * saliency.max() for threshold in thresholds]
    return np.array([(area & mask).sum() / (area | mask).sum() for area in found])


def centered_disc(mask: Mask) -> NDArray[np.float64]:
    """Make the map of a guess that has not seen the image: a disc (a ball) in the center, as large as the lesion.

    Lesions are usually photographed in the center, so a map has found something only if it beats this baseline.
    Within the disc, values fall from 1 at the center to 0.99, so that it points to the center.

    Args:
        mask: True in the lesion; only its shape and area are used.

    Returns:
        The map, same shape, positive at as many positions as the mask.

    Example::

        >>> import numpy as np
        >>> centered_disc(np.array([True, False, False])).tolist()
        [0.0, 1.0, 0.0]

    """
    axes = [np.arange(size) - (size - 1) / 2 for size in mask.shape]
    distance = np.sqrt(sum(axis**2 for axis in np.meshgrid(*axes, indexing="ij")))
    nearest = np.argsort(distance, axis=None, kind="stable")[: int(mask.sum())]
    disc = np.zeros(mask.size)
    within = distance.ravel()[nearest]
    disc[nearest] = 1 - 0.01 * within / max(within.max(initial=0), 1)
    return disc.reshape(mask.shape)


def _measurable(saliency: Array, mask: Mask) -> bool:
    return bool(mask.any()) and bool(saliency.max() > 0)
