"""Means of the measures over images, with intervals."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custom.explain.localisation import IOU_THRESHOLDS
from custom.explain.records import ExplanationRecord
from custom.metrics import Interval, group_weights
from custom.metrics.bootstrap import percentile_interval
from custom.report.measure_names import MEASURE_NAMES


def mean_interval(values: ArrayLike, groups: ArrayLike, resamples: int = 1000, seed: int = 0) -> Interval:
    """Compute a mean with its 95 % percentile interval, by drawing whole groups (lesions) anew.

    Args:
        values: one for each image, shape (N,), without NaN.
        groups: the lesion of each image, length N.
        resamples: number of draws.
        seed: the same seed gives the same interval.

    Returns:
        The mean and the ends of its interval; NaN without values.

    Example::

        >>> mean_interval([0.5, 0.5], ["a", "b"])
        Interval(value=0.5, low=0.5, high=0.5)

    """
    value: NDArray[np.float64] = np.asarray(values, dtype=np.float64)
    if value.size == 0:
        return Interval(*[float("nan")] * 3)
    means = [weights @ value / weights.sum(axis=1) for weights in group_weights(groups, resamples, seed)]
    return Interval(float(value.mean()), *percentile_interval(np.concatenate(means)))


def measure_values(
    records: Sequence[ExplanationRecord], name: str, threshold: float | None = None
) -> NDArray[np.float64]:
    """Collect one measure of many images.

    Args:
        records: the images.
        name: the measure's name, with its suffix.
        threshold: of a measure taken at each of :data:`IOU_THRESHOLDS`, the one wanted; ``None`` for all.

    Returns:
        Shape (N,), or (N, thresholds); NaN where an image has no such value.

    """
    rows = [record.measures.get(name, np.nan) for record in records]
    length = max((len(row) for row in rows if isinstance(row, list)), default=0)
    values = np.array([row if isinstance(row, list) or not length else [np.nan] * length for row in rows], float)
    if threshold is not None:
        values = values[:, int(np.abs(IOU_THRESHOLDS - threshold).argmin())]
    return values


def summarise_explanations(
    records: Sequence[ExplanationRecord], resamples: int = 1000, seed: int = 0
) -> dict[str, Any]:
    """Summarise the measures of many images.

    Args:
        records: the images.
        resamples: number of bootstrap draws of lesions.
        seed: of the bootstrap.

    Returns:
        ``images``, ``masked`` and ``empty`` (numbers of images), ``measures`` (by name ``value``, ``low``,
        ``high`` and the number of ``images`` that have it), ``iou`` (by name the mean ``curve`` over
        ``thresholds`` and the ``best_threshold``, at which the measure ``iou`` is taken) and ``notes`` on
        what could not be measured.

    """
    summary: dict[str, Any] = {
        "images": len(records),
        "masked": sum(record.masked for record in records),
        "empty": sum(record.empty for record in records),
        "measures": {},
        "iou": {},
        "notes": [],
    }
    for key in MEASURE_NAMES:
        values = measure_values(records, key)
        if np.isnan(values).all():
            continue
        if values.ndim == 2:
            curve = np.nanmean(values, axis=0)
            best = float(IOU_THRESHOLDS[curve.argmax()])
            summary["iou"][key] = {
                "thresholds": IOU_THRESHOLDS.tolist(),
                "curve": curve.tolist(),
                "best_threshold": best,
            }
            values = measure_values(records, key, best)
        summary["measures"][key] = interval_of(values, records, resamples, seed)
    if not summary["masked"]:
        summary["notes"].append(
            "No lesion masks: pointing game, energy and IoU, which compare with them, were not measured."
        )
    if summary["empty"]:
        summary["notes"].append(
            f"{summary['empty']} of {len(records)} clean maps are 0 throughout: they are left out of the "
            "measures against masks and of the rank correlation."
        )
    return summary


def interval_of(
    values: NDArray[np.float64], records: Sequence[ExplanationRecord], resamples: int, seed: int
) -> dict[str, float]:
    """Give the mean of what is not NaN, with its interval.

    Args:
        values: one for each image, shape (N,).
        records: the images, for their lesions.
        resamples: number of bootstrap draws.
        seed: of the bootstrap.

    Returns:
        ``value``, ``low``, ``high`` and the number of ``images`` that have a value.

    """
    known = ~np.isnan(values)
    lesions = np.array([record.lesion_id for record in records], dtype=str)
    interval = mean_interval(values[known], lesions[known], resamples, seed)
    return {**interval._asdict(), "images": int(known.sum())}


def write_measures_csv(path: Path, summaries: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the measures of one or more models as a table: a row a measure, four columns a model.

    Args:
        path: the CSV file.
        summaries: by the model's name what :func:`summarise_explanations` gave.

    """
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        columns = ("value", "low", "high", "images")
        writer.writerow(["measure", "description", *(f"{name} {c}" for name in summaries for c in columns)])
        for key, description in described_measures(summaries).items():
            found = [summary["measures"].get(key, {}) for summary in summaries.values()]
            writer.writerow([key, description, *(m.get(column, "") for m in found for column in columns)])


def described_measures(summaries: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """List the measures that at least one summary has, with what they are called.

    Args:
        summaries: by the model's name what :func:`summarise_explanations` gave.

    Returns:
        Descriptions by name, in the order of tables.

    """
    found = {name for summary in summaries.values() for name in summary["measures"]}
    return {name: description for name, description in MEASURE_NAMES.items() if name in found}
