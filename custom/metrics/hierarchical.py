"""How far would a mean over trainings and images move with other seeds and other lesions?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from custom.metrics.bootstrap import group_weights, percentile_interval

Array = NDArray[np.float64]


class HierarchicalEstimate(NamedTuple):
    """A mean over seeds and images, or a difference of two.

    Attributes:
        value: the estimate.
        low: lower end of its 95 % interval.
        high: upper end of its 95 % interval.
        p_value: two-sided, of the hypothesis that the true value is 0, by the normal distribution with the resamples'
            standard deviation. With few seeds it is too small if seeds differ more than lesions do.
        seeds: number of seeds.
    """

    value: float
    low: float
    high: float
    p_value: float
    seeds: int


def seed_weights(seeds: int, resamples: int, seed: int) -> Array:
    """The weight of each training in each resample, shape (resamples, seeds); rows sum to 1.

    Of S trainings S - 1 are drawn with replacement: the variance of their mean is then that of the sample over S,
    without bias, whereas S draws give (S - 1) / S of it, which matters for three seeds (Rao and Wu, 1988). A single
    training has a weight of 1: nothing is known of how seeds differ.

    Args:
        seeds: number of trainings, at least 1.
        resamples: number of resamples.
        seed: the same seed gives the same weights.
    """
    if seeds == 1:
        return np.ones((resamples, 1))
    # Not the generator of the lesions, which has the same seed.
    generator = np.random.default_rng([seed, 1])
    return generator.multinomial(seeds - 1, np.full(seeds, 1 / seeds), size=resamples) / (seeds - 1)


def resampled_means(
    values: ArrayLike, groups: ArrayLike, members: ArrayLike | None = None, resamples: int = 2000, seed: int = 0
) -> Array:
    """Each training's mean over the images, in resamples of the lesions, shape (resamples, S).

    Args:
        values: a value for each training and image, shape (S, N).
        groups: the lesion of each image, length N; lesions are drawn, not images.
        members: whether each image counts, shape (N,); all if none are given.
        resamples: number of resamples.
        seed: of the draws.
    """
    value, group = np.atleast_2d(np.asarray(values, dtype=np.float64)), np.asarray(groups)
    if members is not None:
        chosen = np.asarray(members, dtype=bool)
        value, group = value[:, chosen], group[chosen]
    drawn = [
        weights @ value.T / weights.sum(axis=1, keepdims=True) for weights in group_weights(group, resamples, seed)
    ]
    return np.concatenate(drawn)


def hierarchical_mean(
    values: ArrayLike, groups: ArrayLike, members: ArrayLike | None = None, resamples: int = 2000, seed: int = 0
) -> HierarchicalEstimate:
    """The mean over seeds and images, with an interval over both: trainings and lesions are resampled.

    All trainings are tested on the same images, so a resample draws the trainings and the lesions independently of
    each other, and all of its trainings see the same lesions (a crossed design). For the difference of two methods,
    pass the differences of their values, seed by seed and image by image.

    Args:
        values: a value for each training and image, such as whether it is right; shape (S, N).
        groups: the lesion of each image, length N.
        members: whether each image counts, shape (N,); all if none are given.
        resamples: number of resamples.
        seed: of the draws.

    Example:
        >>> estimate = hierarchical_mean([[1, 1, 0, 1], [1, 0, 0, 1]], ["a", "b", "c", "d"])
        >>> estimate.value, estimate.seeds
        (0.625, 2)
    """
    value = np.atleast_2d(np.asarray(values, dtype=np.float64))
    chosen = slice(None) if members is None else np.asarray(members, dtype=bool)
    draws = resampled_means(value, groups, members, resamples, seed)
    return estimate_of(float(value[:, chosen].mean()), draws, seed)


def estimate_of(value: float, draws: Array, seed: int = 0) -> HierarchicalEstimate:
    """An estimate from what each training has in resamples of the lesions.

    Args:
        value: the estimate itself.
        draws: shape (resamples, S), as of `resampled_means`; NaN for what a resample does not have.
        seed: of the draws of trainings.
    """
    resamples, seeds = draws.shape
    combined = (seed_weights(seeds, resamples, seed) * draws).sum(axis=1)
    deviation = float(np.nanstd(combined))
    # The share of resamples beyond 0 could not be small enough after a correction for many comparisons.
    p_value = 2 * float(norm.sf(abs(value) / deviation)) if deviation else float(value == 0)
    return HierarchicalEstimate(value, *percentile_interval(combined), p_value, seeds)
