"""Robust accuracy: the worst case per image within each ball that was attacked in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custom.evaluation.intervals import Intervals
from custom.evaluation.select_attacks import SelectedAttack
from custom.metrics import AttackKey, Predictions, inside_ball, worst_case_correct

Ball = tuple[str, float]
"""Norm and radius."""


def attacked_balls(attacks: Sequence[SelectedAttack]) -> list[Ball]:
    """The balls that attacks search, those with a strong attack first.

    Further radii of a grid make none, and neither do minimal-norm attacks; what they find counts within each ball that
    it lies in.

    Args:
        attacks: the attacks, in the order asked for.
    """
    chosen = [item for item in attacks if not (item.further_radius or item.minimal)]
    ordered = sorted(chosen, key=lambda item: not item.strong)
    return list(dict.fromkeys((item.attack.norm, item.attack.epsilon) for item in ordered))


def robust_accuracy(
    clean: Predictions,
    attacks: Sequence[SelectedAttack],
    attacked: Mapping[AttackKey, Predictions],
    class_names: Sequence[str],
    intervals: Intervals,
) -> list[dict[str, Any]]:
    """The headline of an evaluation: how many images are correct when clean and under everything tried within a ball.

    Args:
        clean: predictions on clean images.
        attacks: the attacks, in the order in which they ran.
        attacked: predictions under each of them, also at further radii.
        class_names: the classes' names, in the order of their indices.
        intervals: of the images.

    Returns:
        One entry for each ball; the first is the headline.
    """
    return [
        _within(clean, attacks, attacked, class_names, intervals, norm, epsilon)
        for norm, epsilon in attacked_balls(attacks)
    ]


def _within(
    clean: Predictions,
    attacks: Sequence[SelectedAttack],
    attacked: Mapping[AttackKey, Predictions],
    class_names: Sequence[str],
    intervals: Intervals,
    norm: str,
    epsilon: float,
) -> dict[str, Any]:
    correct = worst_case_correct(clean, attacked.values(), norm, epsilon)
    rounded = worst_case_correct(clean, attacked.values(), norm, epsilon, rounded=True)
    inside = [item for item in attacks if item.attack.norm == norm and (item.attack.epsilon <= epsilon or item.minimal)]
    remaining = clean.correct
    lost_to: dict[str, int] = {}
    for item in inside:
        predictions = attacked[item.key]
        lost = remaining & ~predictions.correct & inside_ball(predictions, norm, epsilon)
        lost_to[item.name] = lost_to.get(item.name, 0) + int(lost.sum())
        remaining = remaining & ~lost
    return {
        "norm": norm,
        "epsilon": epsilon,
        **intervals.share(correct),
        "attacks": list(dict.fromkeys(item.name for item in inside)),
        "strong": any(item.strong and item.attack.epsilon == epsilon for item in inside),
        "rounded": intervals.share(rounded),
        "recall": {name: intervals.share(correct, clean.labels == index) for index, name in enumerate(class_names)},
        "balanced_accuracy": intervals.statistic(partial(balanced_accuracy, correct, clean.labels)),
        "images": len(correct),
        "correct_clean": int(clean.correct.sum()),
        "correct": int(correct.sum()),
        "lost_to": lost_to,
    }


def balanced_accuracy(correct: NDArray[np.bool_], labels: NDArray[np.int64], weights: ArrayLike) -> NDArray[np.float64]:
    """The mean of the classes' recalls, of the classes that have images.

    Args:
        correct: whether each image is right, shape (N,).
        labels: true classes, shape (N,).
        weights: how often each image was drawn in each of R resamples, shape (R, N).

    Returns:
        Shape (R,); NaN for a resample that lacks a class.

    Example:
        >>> balanced_accuracy(np.array([True, False, True]), np.array([0, 0, 1]), np.ones((1, 3))).tolist()
        [0.75]
    """
    drawn = np.asarray(weights, dtype=np.float64)
    recalls = []
    with np.errstate(invalid="ignore", divide="ignore"):
        for label in np.unique(labels):
            members = drawn[:, labels == label]
            recalls.append(members @ correct[labels == label] / members.sum(axis=1))
    return np.mean(recalls, axis=0)


def first_lost(
    clean: Predictions, attacked: Mapping[AttackKey, Predictions], norm: str, epsilon: float
) -> tuple[Predictions, np.ndarray]:
    """What is known within a ball before a further attack: each lost image as it was first lost, the others clean.

    Args:
        clean: predictions on clean images.
        attacked: predictions under the attacks that ran.
        norm: the ball's norm.
        epsilon: the ball's radius.

    Returns:
        Predictions on all images, and the indices of those that nothing has fooled.
    """
    known = clean
    for predictions in attacked.values():
        lost = np.flatnonzero(known.correct & ~predictions.correct & inside_ball(predictions, norm, epsilon))
        known = known.updated(lost, predictions.subset(lost))
    return known, np.flatnonzero(known.correct)
