"""What each class is taken for."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from custom.report.style import INK, STYLE, panel, shorten


@matplotlib.rc_context(STYLE)
def confusion_matrix_figure(counts: ArrayLike, class_names: Sequence[str], title: str) -> Figure:
    """Draw a confusion matrix, as shares of the true class and as counts.

    Args:
        counts: number of images, shape (classes, classes): rows are true, columns predicted classes.
        class_names: the classes' names, by number.
        title: of the panel.
    """
    count = np.asarray(counts)
    shares = count / count.sum(axis=1, keepdims=True).clip(min=1)
    classes = len(class_names)
    figure = panel(height=3.5)
    axis = figure.subplots()
    axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    # Many classes leave no room for counts.
    size = 9 if classes <= 4 else 7 if classes <= 8 else 5
    for row, column in np.ndindex(*count.shape):
        share = f"{shares[row, column]:.0%}"
        axis.text(
            column,
            row,
            f"{share}\n{count[row, column]}" if classes <= 5 else share.rstrip("%"),
            ha="center",
            va="center",
            fontsize=size,
            color="white" if shares[row, column] > 0.55 else INK,
        )
    names = [shorten(name, 14) for name in class_names]
    axis.set_xticks(range(classes), names)
    if max(map(len, names)) > 6 or classes > 5:
        for tick in axis.get_xticklabels():
            tick.set(rotation=40, ha="right", rotation_mode="anchor")
    axis.set_yticks(range(classes), names)
    axis.set(xlabel="predicted class", ylabel="true class", title=title)
    axis.spines[:].set_visible(False)
    axis.tick_params(length=0)
    return figure
