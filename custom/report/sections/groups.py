"""Subgroups of the images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from custom.counts import counted
from custom.report.figures import intervals_figure
from custom.report.groups import unit_plural
from custom.report.page import Cell, Panel, Section, Table
from custom.report.sections.cells import share
from custom.report.threat_model import format_radius


def subgroup_section(metrics: Mapping[str, Any]) -> Section | None:
    """Accuracy clean and in the worst case for each group of each column; ``None`` if there are no groups."""
    subgroups = metrics.get("subgroups")
    if not subgroups:
        return None
    texts = ["Accuracy in % by group, with 95 % intervals. Groups of fewer than 20 images are too small to judge."]
    tables: list[Table] = []
    panels: list[Panel] = []
    for column, found in subgroups.items():
        groups, ball = found["groups"], found["ball"]
        within = f" within {format_radius(ball['norm'], ball['epsilon'])}" if ball else ""
        if found["worst"] is not None:
            by = f"in the worst case{within}" if found["worst_by"] == "worst_case" else "on clean images"
            texts.append(f"{column}: the group recognized least {by} is {found['worst']}.")
        if found["missing"]:
            texts.append(f"{column}: unknown for {counted(found['missing'], 'image')}.")
        rows = [
            [
                Cell(
                    str(group["group"]),
                    "too small to judge" if group["small"] else "worst" if group["group"] == found["worst"] else "",
                ),
                str(group["images"]),
                str(group["lesions"]),
                share(group["clean"]),
                share(group["worst_case"]),
            ]
            for group in groups
        ]
        worst = [number for number, group in enumerate(groups) if group["group"] == found["worst"]]
        header = [column, "Images", unit_plural(metrics).capitalize(), "Clean", f"Worst case{within}"]
        tables.append(Table(header, rows, 1, worst, title=f"By {column}"))
        series = {"clean": [group["clean"] for group in groups]}
        if ball:
            series["worst case"] = [group["worst_case"] for group in groups]
        names = [f"{group['group']} (n {group['images']})" for group in groups]
        figure = intervals_figure(names, series, title=f"By {column}", xlabel="accuracy in %")
        panels.append(Panel(f"subgroup_{len(panels)}", figure))
    return Section("subgroups", "Subgroups", texts, tables, panels, figures_first=True)
