"""Evaluations of several models on the same images, each compared with the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custom.metrics import (
    CLEAN_KEY,
    AttackKey,
    PairedDifference,
    group_weights,
    paired_differences,
    sign_flip_test,
)
from custom.metrics.bootstrap import percentile_interval
from custom.report.comparison.read import EvaluatedRun


@dataclass(frozen=True)
class Case:
    """What a row of a comparison is about.

    Attributes:
        attack: the attack's name, ``clean`` for none, ``worst case`` for all within a ball.
        norm: of the ball, empty for clean images.
        epsilon: its radius.
    """

    attack: str
    norm: str = ""
    epsilon: float = 0.0


CLEAN_IMAGES = Case("clean")
WORST_CASE = "worst case"


@dataclass(frozen=True)
class Cell:
    """One model in one case.

    Attributes:
        metrics: value and interval of each metric, as in ``metrics.json``.
        differences: the model's metrics minus the first model's; empty for the first one.
        p_value: of a sign-flip permutation test by lesion that both are equally accurate; none for the first one.
    """

    metrics: Mapping[str, Mapping[str, float | None]]
    differences: Mapping[str, PairedDifference]
    p_value: float | None


@dataclass(frozen=True)
class Comparison:
    """Several models, case by case.

    Attributes:
        runs: the models, the first of which the others are compared with.
        cells: by case, clean and worst cases first, by the model's name.
    """

    runs: Sequence[EvaluatedRun]
    cells: Mapping[Case, Mapping[str, Cell]]

    @property
    def balls(self) -> list[Case]:
        """The worst cases, the headline first."""
        return [case for case in self.cells if case.attack == WORST_CASE]


def compare_runs(runs: Sequence[EvaluatedRun], resamples: int = 1000, seed: int = 0) -> Comparison:
    """Compare evaluations in every case that all of them have, each with the first.

    Args:
        runs: two or more evaluations of the same images.
        resamples: number of bootstrap draws.
        seed: of the draws.

    Raises:
        ValueError: if there are fewer than two, or they differ in classes, images or labels, or an attack has other
            parameters in one than in another.
    """
    if len(runs) < 2:
        raise ValueError("A comparison needs at least two evaluations.")
    first, *others = runs
    for run in others:
        _check_comparable(first, run)
    cells: dict[Case, dict[str, Cell]] = {}
    cells[CLEAN_IMAGES] = _compare(runs, CLEAN_KEY, resamples, seed)
    for ball in first.metrics["robust_accuracy"]:
        case = Case(WORST_CASE, ball["norm"], ball["epsilon"])
        if all(_ball(run, case) for run in others):
            cells[case] = _compare_worst_case(runs, case, resamples, seed)
    for key in first.predictions:
        if key != CLEAN_KEY and all(key in run.predictions for run in others):
            cells[Case(*key)] = _compare(runs, key, resamples, seed)
    return Comparison(runs, cells)


def record_of(run: EvaluatedRun, key: AttackKey) -> Mapping[str, Any]:
    """What ``metrics.json`` says of an attack at a radius."""
    if key == CLEAN_KEY:
        return dict(run.metrics["clean"])
    for record in [*run.metrics["attacks"].values(), *run.metrics["radii"]]:
        if (record["attack"], record["norm"], record["epsilon"]) == key:
            return dict(record)
    raise ValueError(f"{run.folder} has predictions under {key.attack} at {key.epsilon:g} but no metrics of it.")


def _compare(runs: Sequence[EvaluatedRun], key: AttackKey, resamples: int, seed: int) -> dict[str, Cell]:
    first = runs[0]
    before = first.predictions[key]
    cells = {}
    for run in runs:
        metrics = record_of(run, key)["images"]
        if run is first:
            cells[run.name] = Cell(metrics, {}, None)
            continue
        after = run.predictions[key]
        differences = paired_differences(
            before.labels,
            before.probabilities,
            after.probabilities,
            first.metrics["classes"],
            before.lesion_ids,
            resamples,
            seed,
        )
        # An attack that returns images it could not fool as they were has no other metrics.
        known = {name: value for name, value in differences.items() if name in metrics}
        test = sign_flip_test(before.correct, after.correct, before.lesion_ids)
        cells[run.name] = Cell(metrics, known, test.p_value)
    return cells


def _compare_worst_case(runs: Sequence[EvaluatedRun], case: Case, resamples: int, seed: int) -> dict[str, Cell]:
    first = runs[0]
    groups = first.clean.lesion_ids
    before = first.worst_case(case.norm, case.epsilon)
    cells = {}
    for run in runs:
        ball = _ball(run, case)
        assert ball is not None
        metrics = {"accuracy": {key: ball[key] for key in ("value", "low", "high")}}
        metrics |= {f"recall_{name}": interval for name, interval in ball["recall"].items()}
        if run is first:
            cells[run.name] = Cell(metrics, {}, None)
            continue
        after = run.worst_case(case.norm, case.epsilon)
        difference = share_difference(before, after, groups, resamples, seed)
        cells[run.name] = Cell(metrics, {"accuracy": difference}, sign_flip_test(before, after, groups).p_value)
    return cells


def share_difference(
    before: NDArray[np.bool_], after: NDArray[np.bool_], groups: NDArray[np.str_], resamples: int = 1000, seed: int = 0
) -> PairedDifference:
    """Difference of two shares of the same images, with a paired bootstrap over groups.

    Args:
        before: which images count in the first share, shape (N,).
        after: which images count in the second share, shape (N,).
        groups: the lesion of each image, length N.
        resamples: number of draws.
        seed: of the draws.
    """
    change = after.astype(float) - before.astype(float)
    drawn = [weights @ change / weights.sum(axis=1) for weights in group_weights(groups, resamples, seed)]
    return PairedDifference(float(change.mean()), *percentile_interval(np.concatenate(drawn)))


def _ball(run: EvaluatedRun, case: Case) -> Mapping[str, Any] | None:
    for ball in run.metrics["robust_accuracy"]:
        if (ball["norm"], ball["epsilon"]) == (case.norm, case.epsilon):
            return dict(ball)
    return None


def _check_comparable(first: EvaluatedRun, run: EvaluatedRun) -> None:
    if run.metrics["classes"] != first.metrics["classes"]:
        raise ValueError(
            f"{run.name} has the classes {', '.join(run.metrics['classes'])}, {first.name} has "
            f"{', '.join(first.metrics['classes'])}: only the same classes can be compared."
        )
    here, there = first.clean, run.clean
    if not (np.array_equal(here.image_ids, there.image_ids) and np.array_equal(here.labels, there.labels)):
        raise ValueError(
            f"{run.name} was evaluated on other images or labels than {first.name}; evaluate both on the "
            "same test split."
        )
    for attack, record in first.metrics["attacks"].items():
        other = run.metrics["attacks"].get(attack)
        if other and other["parameters"] != record["parameters"]:
            raise ValueError(f"{attack} has other parameters in {run.name} than in {first.name}.")
