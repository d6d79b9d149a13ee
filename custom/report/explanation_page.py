"""Explanations of several models as one self-contained page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from custom.counts import counted
from custom.metrics.explanation_measures import MEASURE_NAMES
from custom.report.page import Cell, Panel, Section, Table, render_page

ENOUGH_IMAGES = 10
"""Fewer images give intervals that are too narrow to call a difference clear."""


def explanations_html(how: Sequence[str], summaries: Mapping[str, Mapping[str, Any]], grid: bytes) -> str:
    """Write a page with the grid of maps and the table of measures.

    Args:
        how: for each model a sentence on how its explanations were made, and which classes have none.
        summaries: by the model's name what :func:`custom.explain.results.compare_explanations` returned.
        grid: content of the PNG file with the maps.
    """
    first = next(iter(summaries.values()))
    notes = [f"{name}: {note}" for name, summary in summaries.items() for note in summary["notes"]]
    text = (
        f"Means over {counted(first['images'], 'image')} that all models explained, {first['masked']} of them with a "
        "lesion mask; "
        "each row has the same images in all its cells. Below each mean its 95 % interval; differences whose interval "
        f"does not contain 0 are in bold, from {ENOUGH_IMAGES} images on."
    )
    caption = (
        "Of each class an image, its lesion outlined if a mask is known, and what its class was recognized by: red "
        "matters most."
    )
    return render_page(
        "What the models look at",
        subtitle=f"{', '.join(summaries)}. Not for clinical use.",
        sections=[
            Section("maps", "Maps", how, panels=[Panel("grid", grid, caption, wide=True)]),
            Section("measures", "Measures", [text, *notes], [measures_table(summaries)]),
        ],
        files=["measures.csv", "measures.md", "comparison.json"],
    )


def measures_table(summaries: Mapping[str, Mapping[str, Any]]) -> Table:
    """A row for each measure, a column for each model and for each difference to the first one.

    Args:
        summaries: as for `explanations_html`.
    """
    first, *others = summaries
    rows = [
        [row.description, str(row.images), *map(_cell, row.values), *(_cell(value, "+") for value in row.differences)]
        for row in measure_rows(summaries)
    ]
    header = ["Measure", "Images", *summaries, *(f"{other} - {first}" for other in others)]
    return Table(header, rows)


class MeasureRow(NamedTuple):
    """One measure of several models.

    Attributes:
        description: what the measure is.
        images: number of images that it is a mean over.
        values: of each model, with their intervals; ``None`` if a model lacks it.
        differences: of each model but the first to that one.
    """

    description: str
    images: int
    values: list[Mapping[str, float] | None]
    differences: list[Mapping[str, float] | None]


def measure_rows(summaries: Mapping[str, Mapping[str, Any]]) -> list[MeasureRow]:
    """The measures that any of the models has, in their order.

    Args:
        summaries: as for `explanations_html`.
    """
    _, *others = summaries.values()
    rows = []
    for key, description in MEASURE_NAMES.items():
        values = [summary["measures"].get(key) for summary in summaries.values()]
        images = max((value["images"] for value in values if value), default=0)
        if images:
            rows.append(MeasureRow(description, images, values, [other["differences"].get(key) for other in others]))
    return rows


def is_clear(difference: Mapping[str, float]) -> bool:
    """Whether the interval of a difference does not contain 0, and is of enough images to say so.

    Args:
        difference: its ``low``, ``high`` and number of ``images``.
    """
    return difference["images"] >= ENOUGH_IMAGES and (difference["low"] > 0 or difference["high"] < 0)


def _cell(measure: Mapping[str, float] | None, sign: str = "") -> Cell:
    if not measure:
        return Cell("")
    text = f"{measure['value']:{sign}.3f}"
    if measure["images"] == 1:
        return Cell(text)  # resampling one image says nothing about others
    level = "marked" if sign and is_clear(measure) else ""
    return Cell(text, f"{measure['low']:{sign}.3f} to {measure['high']:{sign}.3f}", level)
