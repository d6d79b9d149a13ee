"""How far would a metric move with another draw of lesions?"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custom.metrics.classification import classification_metrics
from custom.metrics.resampled import resampled_metrics

# Weights held at a time: 16 MB, so that a hundred thousand images need no more memory than a thousand do.
_WEIGHTS_AT_ONCE = 2_000_000


class Interval(NamedTuple):
    """A metric with its confidence interval.

    Attributes:
        value: the metric on all images.
        low: lower end of the interval.
        high: upper end of the interval.
    """

    value: float
    low: float
    high: float


def group_weights(groups: ArrayLike, resamples: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """Draw whole groups with replacement, as often as there are groups.

    Images of one lesion resemble each other. Drawing images one by one would treat them as independent and
    give intervals that are too narrow.

    Args:
        groups: the group (lesion) of each image, length N.
        resamples: number of draws.
        seed: the same seed gives the same draws.

    Yields:
        Portions of the draws, each of shape (some, N): how often each image's group was drawn.
    """
    names, member = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    generator = np.random.default_rng(seed)
    portion = max(1, _WEIGHTS_AT_ONCE // len(member))
    even = np.full(len(names), 1 / len(names))
    for start in range(0, resamples, portion):
        drawn = generator.multinomial(len(names), even, size=min(portion, resamples - start))
        yield drawn[:, member].astype(np.float64)


def percentile_interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """The middle 95 % of resampled values, without those that are NaN; (NaN, NaN) if all are."""
    known = values[~np.isnan(values)]
    if known.size == 0:
        return float("nan"), float("nan")
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)


def bootstrap_intervals(
    labels: ArrayLike,
    probabilities: ArrayLike,
    class_names: Sequence[str],
    groups: ArrayLike,
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, Interval]:
    """Every metric of `classification_metrics` with its 95 % percentile interval, by drawing groups anew.

    Args:
        labels: true classes, shape (N,).
        probabilities: shape (N, classes), rows summing to 1.
        class_names: the classes' names, in the order of the probabilities' columns.
        groups: the lesion of each image, length N; lesions are drawn, not images.
        resamples: number of draws.
        seed: the same seed gives the same intervals.

    Raises:
        ValueError: as `check_predictions` does.
    """
    values = classification_metrics(labels, probabilities, class_names)
    drawn: dict[str, list[NDArray[np.float64]]] = {name: [] for name in values}
    for weights in group_weights(groups, resamples, seed):
        for name, portion in resampled_metrics(labels, probabilities, class_names, weights).items():
            drawn[name].append(portion)
    return {name: Interval(value, *percentile_interval(np.concatenate(drawn[name]))) for name, value in values.items()}
