"""Accuracy against the radius of the attack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure

from custom.report.style import COLOURS
from custom.report.threat_model import NORM_NAMES


def accuracy_curve(summary: Mapping[str, Any]) -> Figure:
    """Draw accuracy with its interval against epsilon, one panel for each norm, one line for each attack.

    Args:
        summary: the content of ``metrics.json``.
    """
    lines: dict[str, dict[str, list[tuple[float, Mapping[str, float]]]]] = {}
    for result in [*summary["attacks"].values(), *summary["radii"]]:
        norm, epsilon = result["norm"], result["epsilon"]
        line = lines.setdefault(norm, {}).setdefault(result["attack"], [(0.0, summary["clean"]["images"]["accuracy"])])
        line.append((epsilon, result["images"]["accuracy"]))

    figure = Figure(figsize=(4.8 * max(1, len(lines)), 3.6), layout="constrained")
    axes = figure.subplots(1, max(1, len(lines)), squeeze=False)[0]
    for axis, (norm, by_attack) in zip(axes, sorted(lines.items()), strict=False):
        scale = 255 if norm == "linf" else 1
        for index, (attack, line) in enumerate(by_attack.items()):
            points = sorted(line, key=lambda point: point[0])
            radii = [epsilon * scale for epsilon, _ in points]
            colour = COLOURS[index % len(COLOURS)]
            axis.plot(
                radii,
                [100 * point["value"] for _, point in points],
                "o-",
                color=colour,
                label=attack,
                markersize=4,
            )
            axis.fill_between(
                radii,
                [100 * point["low"] for _, point in points],
                [100 * point["high"] for _, point in points],
                color=colour,
                alpha=0.12,
            )
        unit = " in 1/255" if norm == "linf" else ""
        axis.set(xlabel=f"{NORM_NAMES.get(norm, norm)} radius epsilon{unit}", ylim=(0, 100), xlim=(0, None))
        axis.grid(alpha=0.3)
        axis.legend(fontsize=8)
    axes[0].set_ylabel("accuracy in %, with 95 % interval")
    return figure
