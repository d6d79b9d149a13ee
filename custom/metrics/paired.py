"""Is one classifier better than another on the same images?"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custom.metrics.bootstrap import group_weights, percentile_interval
from custom.metrics.classification import classification_metrics
from custom.metrics.resampled import resampled_metrics


class SignFlipTest(NamedTuple):
    """A permutation test of two classifiers on the same images.

    Attributes:
        only_first: images that only the first classifier gets right.
        only_second: images that only the second classifier gets right.
        p_value: two-sided and exact, of the hypothesis that it makes no difference which classifier is which.
    """

    only_first: int
    only_second: int
    p_value: float


class PairedDifference(NamedTuple):
    """Second classifier's metric minus the first's, on the same images.

    Attributes:
        value: the difference on all images.
        low: lower end of its 95 % interval; NaN if there is none.
        high: upper end of its 95 % interval; NaN if there is none.
    """

    value: float
    low: float
    high: float


def sign_flip_test(first_correct: ArrayLike, second_correct: ArrayLike, groups: ArrayLike) -> SignFlipTest:
    """Permutation test by lesion: is the difference of two accuracies more than an exchange of names explains?

    If neither classifier is better, exchanging the two on all images of a lesion is as likely as not. The statistic is
    the number of images that the second classifier gets right, minus that of the first; its distribution over all
    exchanges is computed exactly, lesion by lesion. With one image a lesion this is McNemar's exact test, which would
    count the images of one lesion as independent evidence.

    Args:
        first_correct: whether the first classifier is right, shape (N,).
        second_correct: whether the second classifier is right, shape (N,).
        groups: the lesion of each image, length N.

    Example:
        >>> sign_flip_test([1, 1, 1, 1, 1, 0], [0, 0, 0, 0, 0, 0], list("abcdef")).p_value
        0.0625
        >>> sign_flip_test([1, 1, 1, 1, 1, 0], [0, 0, 0, 0, 0, 0], list("aaabbb")).p_value
        0.5
    """
    first, second = np.asarray(first_correct, dtype=bool), np.asarray(second_correct, dtype=bool)
    _, member = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    change = np.bincount(member, weights=second.astype(np.int64) - first.astype(np.int64)).astype(np.int64)
    return SignFlipTest(
        only_first=int((first & ~second).sum()),
        only_second=int((second & ~first).sum()),
        p_value=_sign_flip_p_value(np.abs(change[change != 0]), abs(int(change.sum()))),
    )


def _sign_flip_p_value(sizes: NDArray[np.int64], statistic: int) -> float:
    """P(``|sum of s_c sizes_c|`` >= statistic) for independent signs s_c, each +1 or -1 with probability 1/2."""
    reach = int(sizes.sum())
    probability = np.zeros(2 * reach + 1)
    probability[reach] = 1.0
    for size in sizes:
        probability = (np.roll(probability, size) + np.roll(probability, -size)) / 2
    sums = np.abs(np.arange(-reach, reach + 1))
    return min(1.0, float(probability[sums >= statistic].sum()))


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

    Returns:
        A difference for each metric; low and high are NaN for those in ``WITHOUT_INTERVAL``.

    Raises:
        ValueError: as `check_predictions` does.
    """
    first = classification_metrics(labels, first_probabilities, class_names)
    second = classification_metrics(labels, second_probabilities, class_names)
    drawn: dict[str, list[NDArray[np.float64]]] = {}
    for weights in group_weights(groups, resamples, seed):
        before = resampled_metrics(labels, first_probabilities, class_names, weights)
        after = resampled_metrics(labels, second_probabilities, class_names, weights)
        for name in before:
            drawn.setdefault(name, []).append(after[name] - before[name])
    ends = {name: percentile_interval(np.concatenate(portions)) for name, portions in drawn.items()}
    nothing = (float("nan"), float("nan"))
    return {name: PairedDifference(second[name] - first[name], *ends.get(name, nothing)) for name in first}
