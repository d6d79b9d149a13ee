"""Curves with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import matplotlib
from matplotlib.figure import Figure

from custom.report.style import COLORS, INK, STYLE, panel, shorten


@dataclass(frozen=True)
class Line:
    """One curve.

    Attributes:
        x: positions, length n.
        y: values, length n.
        low: lower ends of the intervals, length n; ``None`` without intervals.
        high: upper ends, length n; ``None`` without intervals.
    """

    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None


@matplotlib.rc_context(STYLE)
def lines_figure(
    lines: Mapping[str, Line],
    *,
    title: str,
    xlabel: str,
    ylabel: str,
    xlim: tuple[float, float] | None = None,
    ylim: tuple[float, float] = (0, 100),
    marker: str = "",
    references: Mapping[str, float] | None = None,
    diagonal: bool = False,
    legend: Literal["best", "lower left", "lower right"] = "best",
) -> Figure:
    """Draw curves into one panel.

    Args:
        lines: the curves by name.
        title: of the panel.
        xlabel: of the horizontal axis.
        ylabel: of the vertical axis.
        xlim: the horizontal axis' ends; as the curves need them if ``None``.
        ylim: the vertical axis' ends.
        marker: matplotlib's marker for each point; none if empty.
        references: dotted horizontal lines by name, such as chance.
        diagonal: whether to draw the diagonal.
        legend: matplotlib's place for the legend.
    """
    figure = panel()
    axis = figure.subplots()
    for index, (name, line) in enumerate(lines.items()):
        color = COLORS[index % len(COLORS)]
        axis.plot(line.x, line.y, color=color, marker=marker, markersize=3.5, linewidth=1.6, label=shorten(name, 40))
        if line.low is not None and line.high is not None:
            axis.fill_between(line.x, line.low, line.high, color=color, alpha=0.13, linewidth=0)
    for name, value in (references or {}).items():
        axis.axhline(value, color=INK, linestyle=":", linewidth=1, label=name)
    if diagonal:
        axis.plot([0, 1], [0, 1], transform=axis.transAxes, color=INK, linestyle=":", linewidth=1)
    axis.set(xlabel=xlabel, ylabel=ylabel, title=title, ylim=ylim)
    if xlim:
        axis.set_xlim(*xlim)
    axis.grid(alpha=0.25)
    axis.legend(loc=legend, frameon=False)
    return figure
