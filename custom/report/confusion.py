"""Confusion matrices, clean and attacked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from sklearn.metrics import ConfusionMatrixDisplay, confusion_matrix

from custom.metrics import Predictions
from custom.report.style import INK


def confusion_matrices(panels: Mapping[str, Predictions], class_names: Sequence[str]) -> Figure:
    """Draw confusion matrices side by side, as shares of the true class and as counts.

    Args:
        panels: predictions by title, the clean ones first.
        class_names: the classes' names, in the order of the probabilities' columns.
    """
    side = max(3.1, 0.6 * len(class_names) + 1.2)
    figure = Figure(figsize=(side * len(panels), side + 0.3), layout="constrained")
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for axis, (title, predictions) in zip(axes, panels.items(), strict=True):
        counts = confusion_matrix(
            predictions.labels, predictions.probabilities.argmax(axis=1), labels=range(len(class_names))
        )
        shares = counts / counts.sum(axis=1, keepdims=True).clip(min=1)
        display = ConfusionMatrixDisplay(shares, display_labels=class_names)
        display.plot(ax=axis, cmap="Blues", colorbar=False, include_values=False, im_kw={"vmin": 0, "vmax": 1})
        for row, column in np.ndindex(*counts.shape):
            axis.text(
                column,
                row,
                f"{shares[row, column]:.0%}\n{counts[row, column]}",
                ha="center",
                va="center",
                color="white" if shares[row, column] > 0.55 else INK,
            )
        axis.set_title(title, fontsize=10)
    return figure
