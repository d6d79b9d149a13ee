"""Means of the measures over images, with intervals."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from custom.counts import counted
from custom.explain.measures import IOU_THRESHOLDS, MEASURE_NAMES, MEASURES, SUFFIXES
from custom.explain.results.record import ExplanationRecord
from custom.files.csv_cell import csv_cell
from custom.metrics import Interval, group_weights
from custom.metrics.bootstrap import percentile_interval

Known = Mapping[str, NDArray[np.bool_]]


def mean_interval(values: ArrayLike, groups: ArrayLike, resamples: int = 1000, seed: int = 0) -> Interval:
    """Compute a mean with its 95 % percentile interval, by a bootstrap of whole groups (lesions).

    Args:
        values: one for each image, shape (N,), without NaN.
        groups: the lesion of each image, length N.
        resamples: number of bootstrap resamples.
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


def measure_values(records: Sequence[ExplanationRecord], name: str) -> NDArray[np.float64]:
    """Collect one measure of many images.

    Args:
        records: the images.
        name: the measure's name, with its suffix.

    Returns:
        Shape (N,), or of a curve (N, thresholds); NaN for an image without the measure.

    """
    rows = [record.measures.get(name) for record in records]
    length = max((len(row) for row in rows if isinstance(row, list)), default=0)
    unknown = [np.nan] * length if length else np.nan
    return np.array([unknown if row is None else row for row in rows], dtype=float)


def known_images(records: Sequence[ExplanationRecord]) -> dict[str, NDArray[np.bool_]]:
    """Find the images of which a measure is known for every map: clean, attacked and, if there is one, the disc's.

    Only over these are the means of a measure comparable: a map that vanishes under the attack would leave its image
    out of one mean and not out of the other.

    Args:
        records: the images.

    Returns:
        By measure, without suffix, a mask of shape (N,); measures that no image has are left out.

    """
    found: dict[str, NDArray[np.bool_]] = {}
    for measure in MEASURES if records else ():
        columns = [measure_values(records, measure + suffix) for suffix in SUFFIXES]
        known = [~np.isnan(column).reshape(len(records), -1).any(axis=1) for column in columns]
        present = [column for column in known if column.any()]
        if present:
            found[measure] = np.logical_and.reduce(present)
    return found


def summarize_explanations(
    records: Sequence[ExplanationRecord], resamples: int = 1000, seed: int = 0, known: Known | None = None
) -> dict[str, Any]:
    """Summarize the measures of many images.

    Args:
        records: the images.
        resamples: number of bootstrap resamples of lesions.
        seed: of the bootstrap.
        known: by measure the images to take its mean over; by default :func:`known_images`.

    Returns:
        ``images``, ``masked`` and ``vanished`` (numbers of images; the last of those with a vanished map, clean or
        attacked), ``measures`` (by name with suffix ``value``, ``low``, ``high`` and the number of ``images``; the same
        images for all suffixes), ``iou`` (by name the mean ``curve`` over ``thresholds`` and the ``best_threshold``, at
        which the measure ``iou`` is taken) and ``notes`` on what could not be measured.

    """
    known = known_images(records) if known is None else known
    vanished = sum(any(record.measures.get(f"vanished{suffix}") for suffix in SUFFIXES) for record in records)
    summary: dict[str, Any] = {
        "images": len(records),
        "masked": sum(record.masked for record in records),
        "vanished": vanished,
        "measures": {},
        "iou": {},
        "notes": [],
    }
    for name, chosen in known.items():
        for suffix in SUFFIXES:
            key = name + suffix
            values = measure_values(records, key)
            if not chosen.any() or np.isnan(values[chosen]).all():
                continue
            if values.ndim == 2:
                curve = values[chosen].mean(axis=0)
                best = int(curve.argmax())
                summary["iou"][key] = {
                    "thresholds": IOU_THRESHOLDS.tolist(),
                    "curve": curve.tolist(),
                    "best_threshold": float(IOU_THRESHOLDS[best]),
                }
                values = values[:, best]
            summary["measures"][key] = interval_of(values, chosen, records, resamples, seed)
    if not summary["masked"]:
        summary["notes"].append(
            "No lesion masks: pointing game, energy and IoU, which compare with them, were not measured."
        )
    if vanished:
        summary["notes"].append(
            f"The map is 0 throughout, clean or attacked, for {vanished} of {counted(len(records), 'image')}: these "
            "count as vanished and are left out of the other measures."
        )
    return summary


def interval_of(
    values: NDArray[np.float64],
    chosen: NDArray[np.bool_],
    records: Sequence[ExplanationRecord],
    resamples: int,
    seed: int,
) -> dict[str, float]:
    """Compute the mean of some images' values, with its interval.

    Args:
        values: one for each image, shape (N,).
        chosen: which images, shape (N,).
        records: the images, for their lesions.
        resamples: number of bootstrap resamples.
        seed: of the bootstrap.

    Returns:
        ``value``, ``low``, ``high`` and the number of ``images``.

    """
    lesions = np.array([record.lesion_id for record in records], dtype=str)
    interval = mean_interval(values[chosen], lesions[chosen], resamples, seed)
    return {**interval._asdict(), "images": int(chosen.sum())}


def write_measures_csv(path: Path, summaries: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the measures of one or more models as a table: a row per measure, four columns per model.

    Args:
        path: the CSV file.
        summaries: by the model's name what :func:`summarize_explanations` returned.

    """
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        columns = ("value", "low", "high", "images")
        models = [csv_cell(name) for name in summaries]
        writer.writerow(["measure", "description", *(f"{name} {column}" for name in models for column in columns)])
        for key, description in MEASURE_NAMES.items():
            found = [summary["measures"].get(key, {}) for summary in summaries.values()]
            if any(found):
                writer.writerow([key, description, *(m.get(column, "") for m in found for column in columns)])
