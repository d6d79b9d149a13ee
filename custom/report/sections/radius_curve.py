"""Accuracy against the radius of the attack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from custom.counts import counted
from custom.report.figures import Line, lines_figure
from custom.report.page import Panel, Section, Table
from custom.report.sections.cells import share
from custom.report.threat_model import NORM_NAMES, format_radius


def radius_section(metrics: Mapping[str, Any]) -> Section | None:
    """A curve and its area for each norm; ``None`` if there was no attack."""
    if not metrics["curves"]:
        return None
    areas = [
        [
            NORM_NAMES.get(curve["norm"], curve["norm"]),
            curve["attack"],
            f"{curve['images']} of {curve['of_images']}",
            format_radius(curve["norm"], curve["largest_epsilon"]),
            share(curve["expected_robustness"]),
        ]
        for curve in metrics["curves"]
    ]
    points = [
        [NORM_NAMES.get(curve["norm"], curve["norm"]), format_radius(curve["norm"], point["epsilon"]), share(point)]
        for curve in metrics["curves"]
        for point in curve["points"]
    ]
    tables = [
        Table(["Norm", "Attack", "Images", "Largest radius", "Expected robustness in %"], areas, 4),
        Table(["Norm", "Radius", "Accuracy in %"], points, 2, summary="All points"),
    ]
    texts = [
        "Expected robustness is the mean of the curve from radius 0 to the largest one: the area below it, divided by "
        "that radius."
    ]
    smallest = metrics.get("smallest_radius")
    if smallest:
        texts.append(_smallest(smallest))
    panels = [
        Panel(f"accuracy_{curve['norm']}", curve_figure({curve["attack"]: curve}, curve["norm"], metrics["baselines"]))
        for curve in metrics["curves"]
    ]
    return Section("radius", "Accuracy against the radius", texts, tables, panels, figures_first=True)


def curve_figure(curves: Mapping[str, Mapping[str, Any]], norm: str, baselines: Mapping[str, Any]) -> Any:
    """Accuracy against the radius in one norm, a line for each name.

    Args:
        curves: by name an entry of ``curves`` in ``metrics.json``.
        norm: their norm.
        baselines: ``baselines`` in ``metrics.json``.
    """
    scale = 255 if norm == "linf" else 1
    lines = {
        name: Line(
            [scale * point["epsilon"] for point in curve["points"]],
            *([100 * point[key] for point in curve["points"]] for key in ("value", "low", "high")),
        )
        for name, curve in curves.items()
    }
    return lines_figure(
        lines,
        title=f"Accuracy against the {NORM_NAMES.get(norm, norm)} radius",
        xlabel="radius in 1/255" if norm == "linf" else "radius",
        ylabel="accuracy in %",
        xlim=(0, max(max(line.x) for line in lines.values())),
        marker="o",
        references={"chance": 100 * baselines["chance"]},
    )


def _smallest(smallest: Mapping[str, Any]) -> str:
    median = smallest["median"]["value"]
    found = "more than the largest radius tried" if median is None else format_radius(smallest["norm"], median)
    return (
        f"The smallest change that {smallest['attack']} found, median over {counted(smallest['images'], 'image')}: "
        f"{found}. An image that is misclassified when clean counts as 0. "
        + "Quantiles: "
        + ", ".join(
            f"{float(key):.0%} {format_radius(smallest['norm'], value) if value is not None else 'none found'}"
            for key, value in smallest["quantiles"].items()
        )
        + "."
    )
