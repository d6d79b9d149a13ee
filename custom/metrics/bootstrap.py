"""How far would a metric move with another draw of lesions?"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custom.metrics.classification import WITHOUT_INTERVAL, classification_metrics
from custom.metrics.resampled import resampled_metrics

UNBOUNDED = ("brier_score", "negative_log_likelihood")
"""Metrics that may exceed 1."""
# Weights held at a time: 16 MB, so that a hundred thousand images need no more memory than a thousand do.
_WEIGHTS_AT_ONCE = 2_000_000


class Interval(NamedTuple):
    """A metric with its confidence interval.

    Attributes:
        value: the metric on all images.
        low: lower end of the interval; NaN if there is none.
        high: upper end of the interval; NaN if there is none.
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


def widened_at_bounds(share: float, interval: tuple[float, float], groups: int) -> tuple[float, float]:
    """The interval of a share, also if every resample is the same and the bootstrap's interval has no width.

    If all images or none are counted, the Clopper-Pearson interval of that many independent groups takes its place: of
    30 lesions that are all recognized it says "at least 88 %". A single group says nothing of others: 0 to 1.

    Args:
        share: the share itself.
        interval: its bootstrap interval.
        groups: number of groups that it was computed from.

    Example:
        >>> [round(end, 3) for end in widened_at_bounds(1.0, (1.0, 1.0), 30)]
        [0.884, 1.0]
    """
    bound = 0.025 ** (1 / groups)
    if share == 1:
        return bound, 1.0
    if share == 0:
        return 0.0, 1 - bound
    return (0.0, 1.0) if groups == 1 else interval


def bootstrap_share(counted: ArrayLike, groups: ArrayLike, resamples: int = 1000, seed: int = 0) -> Interval:
    """The share of images that are counted, with its 95 % percentile interval, by resampling groups.

    Args:
        counted: whether each image counts, shape (N,); N of 0 gives NaN.
        groups: the lesion of each image, length N; lesions are drawn, not images.
        resamples: number of draws.
        seed: the same seed gives the same interval.

    Example:
        >>> bootstrap_share([True, True, False, True], ["a", "a", "b", "c"]).value
        0.75
    """
    values = np.asarray(counted, dtype=np.float64)
    if values.size == 0:
        return Interval(float("nan"), float("nan"), float("nan"))
    drawn = [weights @ values / weights.sum(axis=1) for weights in group_weights(groups, resamples, seed)]
    share, number = float(values.mean()), len(np.unique(np.asarray(groups, dtype=str)))
    return Interval(share, *widened_at_bounds(share, percentile_interval(np.concatenate(drawn)), number))


def bootstrap_intervals(
    labels: ArrayLike,
    probabilities: ArrayLike,
    class_names: Sequence[str],
    groups: ArrayLike,
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, Interval]:
    """Every metric of `classification_metrics` with its 95 % percentile interval, by resampling groups.

    Args:
        labels: true classes, shape (N,).
        probabilities: shape (N, classes), rows summing to 1.
        class_names: the classes' names, in the order of the probabilities' columns.
        groups: the lesion of each image, length N; lesions are drawn, not images.
        resamples: number of draws.
        seed: the same seed gives the same intervals.

    Returns:
        An interval for each metric; low and high are NaN for those in ``WITHOUT_INTERVAL``.

    Raises:
        ValueError: as `check_predictions` does.
    """
    values = classification_metrics(labels, probabilities, class_names)
    drawn: dict[str, list[NDArray[np.float64]]] = {name: [] for name in values if name not in WITHOUT_INTERVAL}
    for weights in group_weights(groups, resamples, seed):
        for name, portion in resampled_metrics(labels, probabilities, class_names, weights).items():
            drawn[name].append(portion)
    ends = {name: percentile_interval(np.concatenate(portions)) for name, portions in drawn.items()}
    label, group = np.asarray(labels), np.asarray(groups, dtype=str)
    shares = {"accuracy": np.ones_like(label, dtype=bool)}
    shares |= {f"recall_{name}": label == index for index, name in enumerate(class_names)}
    for name, members in shares.items():
        ends[name] = widened_at_bounds(values[name], ends[name], len(np.unique(group[members])))
    nothing = (float("nan"), float("nan"))
    if len(np.unique(group)) == 1:
        ends |= {name: nothing if name in UNBOUNDED else (0.0, 1.0) for name in ends if name not in shares}
    return {name: Interval(value, *ends.get(name, nothing)) for name, value in values.items()}
