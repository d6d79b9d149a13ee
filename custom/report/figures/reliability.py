"""How often a confidence comes true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from custom.report.style import COLORS, INK, STYLE, panel


@matplotlib.rc_context(STYLE)
def reliability_figure(bins: Mapping[str, Sequence[float | None]], title: str) -> Figure:
    """Draw a reliability diagram: accuracy against confidence; on the diagonal confidence is right.

    Args:
        bins: equally wide bins of the confidence from 0 to 1: their ``accuracy`` (``None`` if a bin is empty) and their
            number of ``images``.
        title: of the panel.
    """
    images = np.array(bins["images"], dtype=float)
    accuracy = np.array([np.nan if value is None else value for value in bins["accuracy"]])
    edges = np.linspace(0, 1, len(images) + 1)
    filled = images > 0
    figure = panel()
    axis = figure.subplots()
    axis.bar(
        edges[:-1][filled],
        accuracy[filled],
        width=edges[1],
        align="edge",
        color=COLORS[0],
        edgecolor="white",
        label="accuracy",
    )
    axis.stairs(images / images.sum(), edges, color=COLORS[1], linewidth=1.6, label="share of the images")
    axis.plot([0, 1], [0, 1], "--", color=INK, linewidth=1, label="confidence comes true")
    axis.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence", ylabel="accuracy", title=title)
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return figure
