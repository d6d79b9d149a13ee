"""Reliability diagrams: how often a confidence comes true."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from custom.metrics import Predictions, calibration_error, reliability_bins
from custom.report.style import COLOURS, INK


def reliability_diagrams(panels: Mapping[str, Predictions]) -> Figure:
    """Draw accuracy against confidence side by side; on the diagonal confidence is right.

    Args:
        panels: predictions by title, the clean ones first.
    """
    figure = Figure(figsize=(3.4 * len(panels), 3.6), layout="constrained")
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for axis, (title, predictions) in zip(axes, panels.items(), strict=True):
        bins = reliability_bins(predictions.labels, predictions.probabilities)
        edges = np.linspace(0, 1, len(bins.images) + 1)
        filled = bins.images > 0
        axis.bar(
            edges[:-1][filled],
            bins.accuracy[filled],
            width=edges[1],
            align="edge",
            color=COLOURS[0],
            edgecolor="white",
            label="accuracy",
        )
        axis.stairs(
            bins.images / bins.images.sum(),
            edges,
            color=COLOURS[1],
            linewidth=1.6,
            label="share of the images",
        )
        axis.plot([0, 1], [0, 1], "--", color=INK, linewidth=1, label="confidence comes true")
        error = calibration_error(predictions.labels, predictions.probabilities)
        axis.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence", ylabel="accuracy")
        axis.set_title(f"{title}\ncalibration error {error:.1%}", fontsize=10)
    axes[0].legend(fontsize=7, loc="upper left")
    return figure
