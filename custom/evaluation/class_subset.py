"""Some of the images, the classes alike."""

import numpy as np
from numpy.typing import NDArray


def class_subset(labels: NDArray[np.int64], images: int) -> NDArray[np.int64]:
    """Indices of so many images, the first of each class in turn, in ascending order.

    Args:
        labels: true classes of all images, shape (N,).
        images: how many to take; all if there are fewer.

    Example:
        >>> class_subset(np.array([0, 0, 0, 1]), 2).tolist()
        [0, 3]
    """
    rank_in_class = np.empty(len(labels), dtype=np.int64)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        rank_in_class[members] = np.arange(len(members))
    return np.sort(np.argsort(rank_in_class, kind="stable")[:images])
