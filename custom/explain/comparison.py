"""Explanations of several models, compared on the same images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from custom.explain.records import ExplanationRecord
from custom.explain.summary import (
    described_measures,
    interval_of,
    measure_values,
    summarise_explanations,
)
from custom.markdown import markdown_table


def compare_explanations(
    records: Mapping[str, Sequence[ExplanationRecord]], resamples: int = 1000, seed: int = 0
) -> dict[str, dict[str, Any]]:
    """Summarise several models over the images that all of them have explained.

    Where only correctly classified images are explained, each model has others, and a model that explains the
    easy ones alone would look better than it is.

    Args:
        records: by the model's name its images.
        resamples: number of bootstrap draws of lesions.
        seed: of the bootstrap.

    Returns:
        By the model's name what :func:`summarise_explanations` gives, and ``differences`` to the first model:
        the mean over images of the paired difference of each measure, with its interval.

    Raises:
        ValueError: if no image was explained by all models.

    """
    common = set.intersection(*({record.image_id for record in found} for found in records.values()))
    if not common:
        raise ValueError("No image was explained by all models, so that there is nothing to compare.")
    shared = {
        name: sorted((r for r in found if r.image_id in common), key=lambda record: record.image_id)
        for name, found in records.items()
    }
    summaries = {name: summarise_explanations(found, resamples, seed) for name, found in shared.items()}
    first, *others = summaries
    summaries[first]["differences"] = {}
    for other in others:
        pair = (first, other)
        differences = {}
        for key in summaries[other]["measures"].keys() & summaries[first]["measures"].keys():
            thresholds = (summaries[name]["iou"].get(key, {}).get("best_threshold") for name in pair)
            before, after = (
                measure_values(shared[name], key, threshold) for name, threshold in zip(pair, thresholds, strict=True)
            )
            differences[key] = interval_of(after - before, shared[first], resamples, seed)
        summaries[other]["differences"] = differences
    return summaries


def measures_markdown(summaries: Mapping[str, Mapping[str, Any]]) -> str:
    """Write the comparison as a table: a row a measure, a column a model, intervals in brackets.

    Args:
        summaries: what :func:`compare_explanations` gave.

    Returns:
        Markdown. In bold: differences to the first model whose interval does not contain 0.

    """
    first, *others = summaries
    header = ["measure", "images", *summaries, *(f"{other} - {first}" for other in others)]
    rows = []
    for key, description in described_measures(summaries).items():
        found = [summary["measures"].get(key) for summary in summaries.values()]
        differences = [summaries[other]["differences"].get(key) for other in others]
        images = max(measure["images"] for measure in found if measure)
        cells = [_cell(measure) for measure in found] + [_cell(measure, signed=True) for measure in differences]
        rows.append([description, images, *cells])
    notes = sorted({note for summary in summaries.values() for note in summary["notes"]})
    return (
        "\n\n".join(
            [
                f"Means over the {summaries[first]['images']} images that all models explained "
                f"({summaries[first]['masked']} with a lesion mask); in brackets 95 % intervals.",
                markdown_table(header, rows),
                *notes,
            ]
        )
        + "\n"
    )


def _cell(measure: Mapping[str, float] | None, signed: bool = False) -> str:
    if measure is None:
        return ""
    sign = "+" if signed else ""
    if measure["images"] == 1:
        # Drawing one image again and again says nothing about others.
        return f"{measure['value']:{sign}.3f}"
    text = f"{measure['value']:{sign}.3f} [{measure['low']:{sign}.3f}, {measure['high']:{sign}.3f}]"
    return f"**{text}**" if signed and (measure["low"] > 0 or measure["high"] < 0) else text
