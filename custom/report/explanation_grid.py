"""Maps laid over images, and a grid of them: a row per image, a column per model."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from numpy.typing import NDArray

COLOR_MAP = "turbo"
OUTLINE = "white"

Array = NDArray[np.floating]


def middle_slice(array: Array, saliency: Array) -> Array:
    """Take the slice of a volume (..., H, W, D) in which its map has most weight; an image stays as it is.

    Args:
        array: what to slice; its last axes are those of the map.
        saliency: the map, shape (H, W) or (H, W, D).

    Returns:
        Shape (..., H, W).

    """
    if saliency.ndim == 2:
        return array
    return array[..., int(saliency.sum(axis=(0, 1)).argmax())]


def overlay(image: Array, saliency: Array) -> NDArray[np.float64]:
    """Lay a map over an image: the more important a place, the more of the map's color it gets.

    Args:
        image: shape (C, H, W) or (C, H, W, D), in [0, 1], one or three channels.
        saliency: map in [0, 1], shape (H, W) or (H, W, D). Of a volume the slice with most weight is shown.

    Returns:
        Colors, shape (H, W, 3), in [0, 1].

    """
    colors, shown = as_rgb(middle_slice(image, saliency)), middle_slice(saliency, saliency)
    share = (0.6 * shown)[..., None]
    return (1 - share) * colors + share * matplotlib.colormaps[COLOR_MAP](shown)[..., :3]


def as_rgb(image: Array) -> NDArray[np.float64]:
    """Turn an image (C, H, W) into colors (H, W, 3), a single channel into gray."""
    channels = image if len(image) == 3 else np.repeat(image[:1], 3, axis=0)
    return np.clip(channels.transpose(1, 2, 0).astype(np.float64), 0, 1)


@dataclass(frozen=True)
class Cell:
    """A map over its image.

    Attributes:
        image: shape (C, *spatial), in [0, 1]; models may differ in size.
        saliency: shape (*spatial), in [0, 1].
        mask: the lesion's mask, shape (*spatial), or ``None``.
        caption: the text below, such as the prediction.
    """

    image: Array
    saliency: Array
    mask: Array | None = None
    caption: str = ""


def explanation_grid(rows: Mapping[str, Mapping[str, Cell]], columns: Sequence[str], note: str = "") -> Figure:
    """Draw a grid: a row per image, the image with its lesion's outline first, then a map in each column.

    A map that is 0 throughout is marked as such.

    Args:
        rows: by the row's title, such as the class, its cells by the name of the column; a missing cell stays empty.
        columns: titles of the columns, from left to right; a line break is kept.
        note: the text below the grid.

    Returns:
        The figure. No text is read as a formula, whatever the classes are called.

    """
    count = len(columns) + 1
    width = 1.65 * count + 0.9
    note = "\n".join(textwrap.fill(line, round(16 * width)) for line in note.splitlines())
    lines = 2 + note.count("\n") + max((column.count("\n") for column in columns), default=0)
    figure = Figure(figsize=(width, 1.9 * max(1, len(rows)) + 0.3 + 0.18 * lines), layout="constrained")
    grid: Any = figure.subplots(max(1, len(rows)), count, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for axes, (title, cells) in zip(grid, rows.items(), strict=False):
        first = next(iter(cells.values()))
        _show(axes[0], as_rgb(middle_slice(first.image, first.saliency)), first)
        axes[0].set_ylabel(title, fontsize=9, parse_math=False)
        for axis, column in zip(axes[1:], columns, strict=True):
            if column in cells:
                cell = cells[column]
                _show(axis, overlay(cell.image, cell.saliency), cell)
                axis.set_xlabel(cell.caption, fontsize=7, parse_math=False)
                if not cell.saliency.any():
                    box = {"facecolor": "white", "alpha": 0.8, "edgecolor": "none"}
                    axis.text(0.5, 0.5, "map is 0", ha="center", transform=axis.transAxes, fontsize=8, bbox=box)
    for axis, title in zip(grid[0], ["image", *columns], strict=True):
        axis.set_title(title, fontsize=9, parse_math=False)
    bar = figure.colorbar(ScalarMappable(cmap=COLOR_MAP), ax=grid, fraction=0.02, pad=0.01)
    bar.set_label("importance for the class (1: most)", fontsize=8)
    bar.ax.tick_params(labelsize=7)
    if note:
        figure.supxlabel(note, fontsize=7, parse_math=False)
    return figure


def _show(axis: Any, colors: Array, cell: Cell) -> None:
    """Show colors, and on them the outline of the lesion."""
    axis.set_axis_on()
    axis.imshow(colors)
    axis.set_xticks([])
    axis.set_yticks([])
    if cell.mask is not None:
        outline = middle_slice(cell.mask, cell.saliency)
        if outline.any():
            # Twice, so that the outline is visible on light and on dark skin.
            axis.contour(outline, levels=[0.5], colors="black", linewidths=1.6)
            axis.contour(outline, levels=[0.5], colors=OUTLINE, linewidths=0.8)
