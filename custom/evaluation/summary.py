"""From predictions to the figures of ``metrics.json`` and ``metrics.csv``."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import confusion_matrix

from custom.attacks import Attack
from custom.evaluation.fingerprint import describe_attack
from custom.evaluation.intervals import Figure, Intervals
from custom.evaluation.robust_accuracy import robust_accuracy
from custom.evaluation.select_attacks import SelectedAttack
from custom.files.csv_cell import csv_cell
from custom.metrics import CLEAN_KEY, AttackKey, Predictions, reliability_bins

WITHOUT_PROBABILITIES = ("accuracy", "recall")
"""Metrics that are reported if survivors of an attack came back as they were, besides each class's recall."""


def summarize(
    clean: Predictions,
    attacks: Sequence[SelectedAttack],
    attacked: Mapping[AttackKey, Predictions],
    class_names: Sequence[str],
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, Any]:
    """Compute all metrics, each with its 95 % interval from a bootstrap over lesions.

    Args:
        clean: predictions on clean images.
        attacks: the attacks, in the order in which they ran.
        attacked: predictions under each of them, on the same images.
        class_names: the classes' names, in the order of the probabilities' columns.
        resamples: number of bootstrap draws.
        seed: of the draws.

    Returns:
        What ``metrics.json`` holds under ``baselines``, ``clean``, ``attacks``, ``radii`` and ``robust_accuracy``.
    """
    intervals = Intervals(clean.lesion_ids, resamples, seed)
    records = [(item, attack_record(item.key, attacked[item.key], class_names, intervals, item)) for item in attacks]
    return {
        "baselines": baselines(clean, class_names),
        "clean": attack_record(CLEAN_KEY, clean, class_names, intervals),
        "attacks": {item.name: record for item, record in records if not item.further_radius},
        "radii": [record for item, record in records if item.further_radius],
        "robust_accuracy": robust_accuracy(clean, attacks, attacked, class_names, intervals),
    }


def baselines(clean: Predictions, class_names: Sequence[str]) -> dict[str, Any]:
    """What a classifier that has learned nothing reaches, and whether this one is constant.

    Args:
        clean: predictions on clean images.
        class_names: the classes' names, in the order of their indices.
    """
    shares = np.bincount(clean.labels, minlength=len(class_names)) / len(clean.labels)
    predicted = np.unique(clean.probabilities.argmax(axis=1))
    return {
        "chance": 1 / len(class_names),
        "majority_class": class_names[int(shares.argmax())],
        "majority": float(shares.max()),
        "predicted_classes": [class_names[index] for index in predicted],
        "constant": len(predicted) == 1,
    }


def attack_record(
    key: AttackKey,
    predictions: Predictions,
    class_names: Sequence[str],
    intervals: Intervals,
    selected: SelectedAttack | None = None,
) -> dict[str, Any]:
    """What is reported of clean images, or of one attack.

    If an attack returns what withstood it as it was, or was only tried on some images, its probabilities say nothing of
    the network under attack; accuracy and recalls alone are reported then.

    Args:
        key: what identifies it.
        predictions: on all images.
        class_names: the classes' names, in the order of the probabilities' columns.
        intervals: of the images.
        selected: the attack; none for clean images.
    """
    every_image = selected is None or selected.every_image
    kinds = {"images": predictions.probabilities, "rounded": predictions.rounded}
    metrics = {
        kind: _kept(intervals.metrics(predictions.labels, probabilities, class_names), every_image)
        for kind, probabilities in kinds.items()
    }
    matrix = confusion_matrix(
        predictions.labels, predictions.probabilities.argmax(axis=1), labels=range(len(class_names))
    )
    return {
        "attack": key.attack,
        "norm": key.norm or None,
        "epsilon": key.epsilon,
        "steps": getattr(selected.attack, "steps", None) if selected else None,
        "step_size": step_size(selected.attack) if selected else None,
        **({"parameters": describe_attack(selected.attack)} if selected else {}),
        "outputs": "every image" if every_image else "fooled images",
        **metrics,
        "confusion": matrix.tolist(),
        "reliability": reliability(predictions.labels, predictions.probabilities) if every_image else None,
        "perturbation": {
            norm: {"mean": float(sizes.mean()), "largest": float(sizes.max())}
            for norm, sizes in (("l2", predictions.l2), ("linf", predictions.linf))
        },
        "warnings": list(predictions.notes),
    }


def _kept(metrics: Mapping[str, Figure], every_image: bool) -> dict[str, Figure]:
    return {
        name: figure
        for name, figure in metrics.items()
        if every_image or name in WITHOUT_PROBABILITIES or name.startswith("recall_")
    }


def reliability(labels: ArrayLike, probabilities: ArrayLike) -> dict[str, list[Any]]:
    """The bins of a reliability diagram; empty ones have ``None``."""
    bins = reliability_bins(labels, probabilities)
    return {
        name: [None if np.isnan(value) else value.item() for value in values] for name, values in bins._asdict().items()
    }


def step_size(attack: Attack) -> float | None:
    """Length of an attack's (first) step at its radius, ``None`` if it has none."""
    length, fraction = getattr(attack, "step_size", None), getattr(attack, "step_fraction", None)
    if length is None and fraction is not None:
        length = fraction * attack.epsilon
    return None if length is None else float(length)


def attack_records(metrics: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """All records of ``metrics.json``: clean images, each attack, and each further radius."""
    yield metrics["clean"]
    yield from metrics["attacks"].values()
    yield from metrics["radii"]


def write_metrics_csv(path: Path, metrics: Mapping[str, Any]) -> None:
    """Write one row for each attack (``clean`` for none), kind of image and metric.

    Args:
        path: the file to write.
        metrics: the content of ``metrics.json``.
    """
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*AttackKey._fields, "images", "metric", "value", "low", "high"])
        for ball in metrics["robust_accuracy"]:
            for kind, figure in (("as computed", ball), ("rounded to 8 bits", ball["rounded"])):
                key = ["worst case", ball["norm"], ball["epsilon"]]
                writer.writerow([*key, kind, "robust_accuracy", *(figure[end] for end in ("value", "low", "high"))])
        for record in attack_records(metrics):
            key = [csv_cell(record["attack"]), record["norm"], record["epsilon"]]
            for kind, name in (("images", "as computed"), ("rounded", "rounded to 8 bits")):
                for metric, figure in record[kind].items():
                    writer.writerow([*key, name, csv_cell(metric), *(figure[end] for end in ("value", "low", "high"))])
