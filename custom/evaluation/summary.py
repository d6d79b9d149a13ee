"""From predictions to the figures of ``metrics.json``, ``metrics.csv`` and ``predictions.csv``."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from custom.attacks import Attack
from custom.evaluation.fingerprint import describe_attack
from custom.metrics import Interval, Predictions, bootstrap_intervals


def as_json(interval: Interval) -> dict[str, float | None]:
    """An interval as JSON can hold it: what is not known is ``None``."""
    return {name: value if math.isfinite(value) else None for name, value in interval._asdict().items()}


def summarise(
    clean: Predictions,
    attacks: Mapping[str, Attack],
    attacked: Mapping[str, Predictions],
    class_names: Sequence[str],
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, Any]:
    """Compute all metrics, each with its 95 % interval from a bootstrap over lesions.

    Args:
        clean: predictions on clean images.
        attacks: the attacks, by name.
        attacked: predictions under each of them, on the same images.
        class_names: the classes' names, in the order of the probabilities' columns.
        resamples: number of bootstrap draws.
        seed: of the draws.

    Returns:
        What ``metrics.json`` holds under ``clean`` and ``attacks``: for ``images`` and for images
        ``rounded`` to 8 bits each metric of `custom.metrics.classification_metrics` with ``value``, ``low``
        and ``high``; for each attack its parameters and the mean and largest norm of its perturbations, too.
    """

    def metrics(predictions: Predictions) -> dict[str, Any]:
        summary = {}
        for kind, probabilities in (("images", predictions.probabilities), ("rounded", predictions.rounded)):
            intervals = bootstrap_intervals(
                predictions.labels, probabilities, class_names, predictions.lesion_ids, resamples, seed
            )
            summary[kind] = {name: as_json(interval) for name, interval in intervals.items()}
        return summary

    return {
        "clean": metrics(clean),
        "attacks": {
            name: {
                "parameters": describe_attack(attacks[name]),
                **metrics(predictions),
                "perturbation": {
                    norm: {"mean": float(sizes.mean()), "largest": float(sizes.max())}
                    for norm, sizes in (("l2", predictions.l2), ("linf", predictions.linf))
                },
                "warnings": list(predictions.notes),
            }
            for name, predictions in attacked.items()
        },
    }


def write_metrics_csv(path: Path, summary: Mapping[str, Any]) -> None:
    """Write one row for each attack (``clean`` for none), kind of image and metric.

    Args:
        path: the file to write.
        summary: what `summarise` returned.
    """
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["attack", "images", "metric", "value", "low", "high"])
        for attack, result in {"clean": summary["clean"], **summary["attacks"]}.items():
            for kind, name in (("images", "as computed"), ("rounded", "rounded to 8 bits")):
                for metric, interval in result[kind].items():
                    writer.writerow([attack, name, metric, interval["value"], interval["low"], interval["high"]])


def write_predictions_csv(
    path: Path, clean: Predictions, attacked: Mapping[str, Predictions], class_names: Sequence[str]
) -> None:
    """Write one row for each attack (``clean`` for none) and image.

    Columns: attack, image_id, lesion_id, label (the class's index); the probabilities ``clean_<class>``,
    ``attacked_<class>`` and ``rounded_<class>`` on the clean image, the attacked one, and the attacked one
    rounded to 8 bits; and the perturbation's norms ``l2`` and ``linf``.

    Args:
        path: the file to write.
        clean: predictions on clean images.
        attacked: predictions under each attack, on the same images.
        class_names: the classes' names, in the order of the probabilities' columns.
    """
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        kinds = [f"{kind}_{name}" for kind in ("clean", "attacked", "rounded") for name in class_names]
        writer.writerow(["attack", "image_id", "lesion_id", "label", *kinds, "l2", "linf"])
        for attack, predictions in {"clean": clean, **attacked}.items():
            for index, image_id in enumerate(predictions.image_ids):
                writer.writerow(
                    [attack, image_id, predictions.lesion_ids[index], predictions.labels[index]]
                    + [
                        float(value)
                        for source in (clean.probabilities, predictions.probabilities, predictions.rounded)
                        for value in source[index]
                    ]
                    + [float(predictions.l2[index]), float(predictions.linf[index])]
                )
