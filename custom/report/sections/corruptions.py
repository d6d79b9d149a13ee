"""Common corruptions: what happens to images without an attacker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from custom.counts import counted
from custom.report.figures import heat_map_figure
from custom.report.page import Panel, Section, Table
from custom.report.sections.cells import NOTHING, share


def corruption_section(metrics: Mapping[str, Any]) -> Section | None:
    """Accuracy by kind and severity; ``None`` if corruptions were not evaluated."""
    corruptions = metrics.get("corruptions")
    if not corruptions:
        return None
    severities, kinds = corruptions["severities"], list(corruptions["by_corruption"])
    found = {(item["corruption"], item["severity"]): item["accuracy"] for item in corruptions["results"]}
    rows = [
        [
            words(kind),
            *(share(found.get((kind, severity))) for severity in severities),
            share(corruptions["by_corruption"][kind]),
        ]
        for kind in kinds
    ]
    summary = [
        ["Clean", share(corruptions["clean"])],
        ["Mean over kinds and severities", share(corruptions["mean"])],
        [f"Worst kind: {words(corruptions['worst'])}", share(corruptions["by_corruption"][corruptions["worst"]])],
    ]
    values = [
        [_value(corruptions["clean"]), *(_value(found.get((kind, severity))) for severity in severities)]
        for kind in kinds
    ]
    figure = heat_map_figure(
        values,
        [words(kind) for kind in kinds],
        ["clean", *map(str, severities)],
        title="Accuracy in % under corruptions",
        xlabel="severity",
    )
    header = ["Corruption", *(f"Severity {severity}" for severity in severities), "Mean"]
    return Section(
        "corruptions",
        "Common corruptions",
        [
            "Changes that clinics meet without an attacker, in five severities, on "
            f"{counted(corruptions['images'], 'image')}. Accuracy in %, with 95 % intervals."
        ],
        [Table(["", "Accuracy in %"], summary, 1), Table(header, rows, 1, summary="Each kind and severity")],
        [Panel("corruptions", figure)],
        figures_first=True,
    )


def words(name: str | None) -> str:
    """A corruption's name as words."""
    return name.replace("_", " ") if name else NOTHING


def _value(interval: Mapping[str, float | None] | None) -> float:
    return float("nan") if interval is None or interval["value"] is None else interval["value"]
