"""Explanations of several models, compared on the same images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from custom.explain.measures import IOU_THRESHOLDS, MEASURES, SUFFIXES
from custom.explain.results.record import ExplanationRecord
from custom.explain.results.summary import interval_of, known_images, measure_values, summarize_explanations


def compare_explanations(
    records: Mapping[str, Sequence[ExplanationRecord]], resamples: int = 1000, seed: int = 0
) -> dict[str, dict[str, Any]]:
    """Summarize several models over the same images, so that the difference of two means is the mean difference.

    The images are those that all models explained; each measure is taken over those of them whose measure is known for
    all models, clean and attacked. A model whose map vanishes is thus not compared on an image that the others have
    alone: the vanished maps are a measure of their own.

    Args:
        records: by the model's name its images.
        resamples: number of bootstrap resamples of lesions.
        seed: of the bootstrap.

    Returns:
        By the model's name the result of :func:`summarize_explanations`, and ``differences`` to the first model: the
        mean over images of the paired difference of each measure, with its interval.

    Raises:
        ValueError: if no image was explained by all models.

    """
    common = set.intersection(*({record.image_id for record in found} for found in records.values()))
    if not common:
        raise ValueError("No image was explained by all models, so there is nothing to compare.")
    shared = {
        name: sorted((r for r in found if r.image_id in common), key=lambda record: record.image_id)
        for name, found in records.items()
    }
    known = [known_images(found) for found in shared.values()]
    chosen = {
        measure: np.logical_and.reduce([own[measure] for own in known])
        for measure in MEASURES
        if all(measure in own for own in known)
    }
    summaries = {name: summarize_explanations(found, resamples, seed, chosen) for name, found in shared.items()}
    first, *others = summaries
    summaries[first]["differences"] = {}
    for other in others:
        differences = {}
        for measure, mask in chosen.items():
            for key in (measure + suffix for suffix in SUFFIXES):
                if key in summaries[first]["measures"] and key in summaries[other]["measures"]:
                    before, after = (_compared(shared[name], summaries[name], key) for name in (first, other))
                    differences[key] = interval_of(after - before, mask, shared[first], resamples, seed)
        summaries[other]["differences"] = differences
    return summaries


def _compared(records: Sequence[ExplanationRecord], summary: Mapping[str, Any], key: str) -> np.ndarray:
    """Values of a measure, of the IoU at the model's own best threshold."""
    values = measure_values(records, key)
    if values.ndim == 2:
        best = summary["iou"][key]["best_threshold"]
        values = values[:, int(np.abs(IOU_THRESHOLDS - best).argmin())]
    return values
