"""Evaluations of several classifiers on the same images, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from custom.metrics import (
    PairedDifference,
    Predictions,
    SignFlipTest,
    paired_differences,
    read_metrics,
    read_predictions,
    sign_flip_test,
)


@dataclass(frozen=True)
class EvaluatedRun:
    """What an evaluation left in its folder.

    Attributes:
        name: what to call it.
        summary: the content of ``metrics.json``.
        predictions: predictions by attack, ``clean`` for none, sorted by image.
    """

    name: str
    summary: dict[str, Any]
    predictions: dict[str, Predictions]

    def renamed(self, name: str) -> EvaluatedRun:
        """The same run under another name."""
        return replace(self, name=name)


@dataclass(frozen=True)
class Comparison:
    """One run against the first, under one attack.

    Attributes:
        attack: the attack's name, ``clean`` for none.
        run: the run's name.
        metrics: value and interval of each metric, as in ``metrics.json``.
        differences: the run's metrics minus the first run's; empty for the first run itself.
        test: the permutation test by lesion of the first run against this one; none for the first run itself.
    """

    attack: str
    run: str
    metrics: dict[str, dict[str, float]]
    differences: dict[str, PairedDifference]
    test: SignFlipTest | None


def read_run(folder: str | Path) -> EvaluatedRun:
    """Read the folder of a finished evaluation.

    Args:
        folder: holds ``metrics.json`` and ``predictions.csv``; a folder that has them in ``evaluation`` will
            do, too.

    Raises:
        FileNotFoundError: if one of the files is missing.
        ValueError: if a file is not what an evaluation writes.
    """
    summary, predictions = read_metrics(folder), read_predictions(folder)
    own = {"clean": 0.0, **{name: result["epsilon"] for name, result in summary["attacks"].items()}}
    by_name = {key.attack: found for key, found in predictions.items() if own.get(key.attack) == key.epsilon}
    return EvaluatedRun(str(summary["model"]["name"]), summary, by_name)


def compare_runs(runs: Sequence[EvaluatedRun], resamples: int = 1000, seed: int = 0) -> list[Comparison]:
    """Compare evaluations under every attack that all of them have, each with the first.

    Args:
        runs: two or more evaluations of the same images; names that repeat are numbered.
        resamples: number of bootstrap draws.
        seed: of the draws.

    Returns:
        By attack, clean first, one entry for each run.

    Raises:
        ValueError: if there are fewer than two, or they differ in classes, images or labels, or an attack has
            other parameters in one than in another.
    """
    if len(runs) < 2:
        raise ValueError("A comparison needs at least two evaluations.")
    first, *others = runs
    for run in others:
        _check_comparable(first, run)
    names = [
        run.name if [other.name for other in runs].count(run.name) == 1 else f"{run.name} #{number}"
        for number, run in enumerate(runs, start=1)
    ]
    comparisons = []
    for attack, reference in first.predictions.items():
        if not all(attack in run.predictions for run in others):
            continue
        for name, run in zip(names, runs, strict=True):
            found = run.predictions[attack]
            result = run.summary["clean"] if attack == "clean" else run.summary["attacks"][attack]
            comparisons.append(
                Comparison(
                    attack,
                    name,
                    result["images"],
                    {}
                    if run is first
                    else paired_differences(
                        reference.labels,
                        reference.probabilities,
                        found.probabilities,
                        first.summary["classes"],
                        reference.lesion_ids,
                        resamples,
                        seed,
                    ),
                    None if run is first else sign_flip_test(reference.correct, found.correct, reference.lesion_ids),
                )
            )
    return comparisons


def _check_comparable(first: EvaluatedRun, run: EvaluatedRun) -> None:
    if run.summary["classes"] != first.summary["classes"]:
        raise ValueError(
            f"{run.name} has the classes {', '.join(run.summary['classes'])}, {first.name} has "
            f"{', '.join(first.summary['classes'])}: only the same classes can be compared."
        )
    here, there = first.predictions["clean"], run.predictions["clean"]
    if not (np.array_equal(here.image_ids, there.image_ids) and np.array_equal(here.labels, there.labels)):
        raise ValueError(
            f"{run.name} was evaluated on other images or labels than {first.name}: evaluate both on the "
            "same test split."
        )
    for attack, result in first.summary["attacks"].items():
        other = run.summary["attacks"].get(attack)
        if other and other["parameters"] != result["parameters"]:
            raise ValueError(f"{attack} has other parameters in {run.name} than in {first.name}.")
