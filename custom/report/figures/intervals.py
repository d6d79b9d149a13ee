"""Values with their intervals, one row each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib
from matplotlib.figure import Figure

from custom.report.style import COLORS, INK, STYLE, panel, shorten


@matplotlib.rc_context(STYLE)
def intervals_figure(
    rows: Sequence[str],
    series: Mapping[str, Sequence[Mapping[str, float] | None]],
    *,
    title: str,
    xlabel: str,
    references: Mapping[str, float] | None = None,
) -> Figure:
    """Draw shares in % with their intervals: a row for each name, a color for each series.

    Args:
        rows: names of the rows, from the top.
        series: by name an interval (``value``, ``low``, ``high``, in [0, 1]) for each row; ``None`` if there is none.
        title: of the panel.
        xlabel: of the horizontal axis.
        references: dotted vertical lines by name, in [0, 1], such as chance.
    """
    figure = panel(height=1.35 + (0.14 + 0.2 * len(series)) * len(rows))
    axis = figure.subplots()
    for index, (name, intervals) in enumerate(series.items()):
        shift = 0.24 * (index - (len(series) - 1) / 2)
        known = [(row, item) for row, item in enumerate(intervals) if item is not None]
        axis.errorbar(
            [100 * item["value"] for _, item in known],
            [row + shift for row, _ in known],
            xerr=[
                [100 * max(item["value"] - item["low"], 0) for _, item in known],
                [100 * max(item["high"] - item["value"], 0) for _, item in known],
            ],
            fmt="o",
            color=COLORS[index % len(COLORS)],
            markersize=4,
            elinewidth=1.4,
            label=name,
        )
    for name, value in (references or {}).items():
        axis.axvline(100 * value, color=INK, linestyle=":", linewidth=1, label=name)
    axis.set_yticks(range(len(rows)), [shorten(row, 22) for row in rows])
    axis.set(xlim=(0, 100), ylim=(len(rows) - 0.4, -0.6), xlabel=xlabel, title=title)
    axis.grid(axis="x", alpha=0.25)
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return figure
