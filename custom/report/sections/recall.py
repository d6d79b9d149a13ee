"""How many images of each class are recognized, and what the others are taken for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from custom.report.evidence import class_titles
from custom.report.figures import confusion_matrix_figure
from custom.report.page import Cell, Panel, Section, Table
from custom.report.sections.cells import attack, radius, share, title


def recall_section(metrics: Mapping[str, Any]) -> Section:
    """Recall of each class, clean, in the worst case and under each attack."""
    classes, titles = metrics["classes"], class_titles(metrics)
    header = ["", "Within", "Mean", *(titles[name] for name in classes)]
    clean = metrics["clean"]["images"]
    rows: list[list[Any]] = [
        ["Clean images", "none", share(clean.get("recall")), *(share(clean[f"recall_{name}"]) for name in classes)]
    ]
    for ball in metrics["robust_accuracy"]:
        recalls = [share(ball.get("balanced_accuracy")), *(share(ball["recall"][name]) for name in classes)]
        rows.append([Cell("Worst case"), Cell(radius(ball)), *recalls])
    each = [
        [
            attack(record),
            radius(record),
            share(record["images"].get("recall")),
            *(share(record["images"][f"recall_{name}"]) for name in classes),
        ]
        for record in metrics["attacks"].values()
    ]
    tables = [Table(header, rows, 2, range(1, len(rows)))]
    if each:
        tables.append(Table(["Attack", *header[1:]], each, 2, summary="Each attack alone"))
    text = (
        "Of the images of a class, the share in % that is recognized as such. The mean over the classes is balanced "
        "accuracy, in which rare classes count as much as frequent ones."
    )
    return Section("recall", "Recall of each class", [text], tables)


def confusion_section(metrics: Mapping[str, Any]) -> Section:
    """Confusion matrices, clean and under the attack that leaves the least within each radius."""
    panels = [
        Panel(
            f"confusion_{index}",
            confusion_matrix_figure(record["confusion"], metrics["classes"], title(record)),
        )
        for index, record in enumerate([metrics["clean"], *strongest_records(metrics)])
    ]
    text = (
        "What each class is taken for, clean and under the attack that leaves the fewest images correct within each "
        "radius: share of the true class, and number of images."
    )
    return Section("confusion", "Confusion matrices", [text], panels=panels)


def strongest_records(metrics: Mapping[str, Any], every_image: bool = False) -> list[Mapping[str, Any]]:
    """The record with the lowest accuracy within each ball, the headline ball first.

    Args:
        metrics: the content of ``metrics.json``.
        every_image: only attacks whose outputs count for every image, not for the fooled ones alone.
    """
    found: dict[tuple[str, float], Mapping[str, Any]] = {}
    for record in metrics["attacks"].values():
        if every_image and record["outputs"] != "every image":
            continue
        ball = (record["norm"], record["epsilon"])
        value = record["images"]["accuracy"]["value"]
        if ball not in found or value < found[ball]["images"]["accuracy"]["value"]:
            found[ball] = record
    headline_first = [(ball["norm"], ball["epsilon"]) for ball in metrics["robust_accuracy"]]
    return [found[ball] for ball in dict.fromkeys([*headline_first, *found]) if ball in found]
