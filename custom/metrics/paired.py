"""Is one classifier better than another on the same images?"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binomtest

from custom.metrics.bootstrap import group_weights, percentile_interval
from custom.metrics.classification import classification_metrics
from custom.metrics.resampled import resampled_metrics


class McNemar(NamedTuple):
    """McNemar's test of two classifiers on the same images.

    Attributes:
        only_first: images that only the first classifier gets right.
        only_second: images that only the second classifier gets right.
        p_value: two-sided, of the hypothesis that both are right equally often.
    """

    only_first: int
    only_second: int
    p_value: float


class PairedDifference(NamedTuple):
    """Second classifier's metric minus the first's, on the same images.

    Attributes:
        value: the difference on all images.
        low: lower end of its 95 % interval.
        high: upper end of its 95 % interval.
    """

    value: float
    low: float
    high: float


def mcnemar(first_correct: ArrayLike, second_correct: ArrayLike) -> McNemar:
    """McNemar's exact test: among images that one classifier alone gets right, are halves on either side?

    It counts images as independent; where lesions have several images, trust `paired_differences` more.

    Args:
        first_correct: whether the first classifier is right, shape (N,).
        second_correct: whether the second classifier is right, shape (N,).

    Example:
        >>> mcnemar([1, 1, 1, 1, 1, 0], [0, 0, 0, 0, 0, 0]).p_value
        0.0625
    """
    first, second = np.asarray(first_correct, dtype=bool), np.asarray(second_correct, dtype=bool)
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    discordant = only_first + only_second
    p_value = float(binomtest(only_first, discordant).pvalue) if discordant else 1.0
    return McNemar(only_first, only_second, p_value)


def paired_differences(
    labels: ArrayLike,
    first_probabilities: ArrayLike,
    second_probabilities: ArrayLike,
    class_names: Sequence[str],
    groups: ArrayLike,
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, PairedDifference]:
    """Difference (second minus first) of every metric, with a bootstrap over groups that draws both alike.

    Args:
        labels: true classes, shape (N,).
        first_probabilities: the first classifier's, shape (N, classes).
        second_probabilities: the second classifier's, shape (N, classes).
        class_names: the classes' names, in the order of the probabilities' columns.
        groups: the lesion of each image, length N; lesions are drawn, not images.
        resamples: number of draws.
        seed: the same seed gives the same intervals.

    Raises:
        ValueError: as `check_predictions` does.
    """
    first = classification_metrics(labels, first_probabilities, class_names)
    second = classification_metrics(labels, second_probabilities, class_names)
    drawn: dict[str, list[NDArray[np.float64]]] = {name: [] for name in first}
    for weights in group_weights(groups, resamples, seed):
        before = resampled_metrics(labels, first_probabilities, class_names, weights)
        after = resampled_metrics(labels, second_probabilities, class_names, weights)
        for name in first:
            drawn[name].append(after[name] - before[name])
    return {
        name: PairedDifference(second[name] - first[name], *percentile_interval(np.concatenate(drawn[name])))
        for name in first
    }
