"""Figures with their intervals, as ``metrics.json`` has them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custom.metrics import Interval, bootstrap_intervals, bootstrap_share, group_weights
from custom.metrics.bootstrap import percentile_interval

Figure = dict[str, float | None]


def as_json(interval: Interval) -> Figure:
    """An interval as JSON can hold it: what is not known is ``None``."""
    return {name: value if math.isfinite(value) else None for name, value in interval._asdict().items()}


@dataclass(frozen=True)
class Intervals:
    """Intervals of one bootstrap over the lesions of a data set.

    Attributes:
        groups: the lesion of each image, shape (N,).
        resamples: number of draws.
        seed: of the draws.
    """

    groups: NDArray[Any]
    resamples: int = 1000
    seed: int = 0

    def share(self, counted: ArrayLike, members: ArrayLike | None = None) -> Figure:
        """Mean of one value per image, such as whether it is recognized.

        Args:
            counted: a value in [0, 1] for each image, shape (N,).
            members: the images that the mean is of, as indices or as a mask; all if none are given.
        """
        values, groups = np.asarray(counted), self.groups
        if members is not None:
            values, groups = values[np.asarray(members)], groups[np.asarray(members)]
        return as_json(bootstrap_share(values, groups, self.resamples, self.seed))

    def statistic(self, measure: Callable[[ArrayLike], NDArray[np.float64]]) -> Figure:
        """Any measure that can weight images.

        Args:
            measure: takes the images' weights in R resamples, shape (R, N), and gives R values, shape (R,).
        """
        value = float(measure(np.ones((1, len(self.groups))))[0])
        drawn = [measure(weights) for weights in group_weights(self.groups, self.resamples, self.seed)]
        return as_json(Interval(value, *percentile_interval(np.concatenate(drawn))))

    def metrics(self, labels: ArrayLike, probabilities: ArrayLike, class_names: Sequence[str]) -> dict[str, Figure]:
        """All metrics of `custom.metrics.classification_metrics`."""
        found = bootstrap_intervals(labels, probabilities, class_names, self.groups, self.resamples, self.seed)
        return {name: as_json(interval) for name, interval in found.items()}

    def of_images(self, indices: ArrayLike) -> Intervals:
        """The same bootstrap on some of the images."""
        return Intervals(self.groups[np.asarray(indices)], self.resamples, self.seed)
