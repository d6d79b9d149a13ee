"""Shares in a grid."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from custom.report.style import INK, STYLE, panel, shorten


@matplotlib.rc_context(STYLE)
def heat_map_figure(
    values: ArrayLike, rows: Sequence[str], columns: Sequence[str], *, title: str, xlabel: str
) -> Figure:
    """Draw shares as colors with their numbers in %.

    Args:
        values: shape (rows, columns), in [0, 1]; NaN leaves a cell empty.
        rows: names of the rows, from the top.
        columns: names of the columns.
        title: of the panel.
        xlabel: of the horizontal axis.
    """
    value = np.asarray(values, dtype=float)
    figure = panel(height=1.0 + 0.27 * len(rows))
    axis = figure.subplots()
    axis.imshow(value, cmap="RdYlBu", vmin=0, vmax=1, aspect="auto")
    for row, column in np.ndindex(*value.shape):
        if not np.isnan(value[row, column]):
            axis.text(
                column,
                row,
                f"{100 * value[row, column]:.0f}",
                ha="center",
                va="center",
                color=INK if 0.12 < value[row, column] < 0.88 else "white",
            )
    axis.set_xticks(range(len(columns)), columns)
    axis.set_yticks(range(len(rows)), [shorten(row, 20) for row in rows])
    axis.set(xlabel=xlabel, title=title)
    axis.spines[:].set_visible(False)
    axis.tick_params(length=0)
    return figure
