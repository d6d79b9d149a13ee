"""Maps laid over images, and the sheet that compares models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from numpy.typing import NDArray

COLOUR_MAP = "turbo"
OUTLINE = "white"

Array = NDArray[np.floating]


def middle_slice(array: Array, saliency: Array) -> Array:
    """Cut a volume (..., H, W, D) where its map has most weight along the last axis; an image stays as it is.

    Args:
        array: what to cut; its last axes are those of the map.
        saliency: the map, shape (H, W) or (H, W, D).

    Returns:
        Shape (..., H, W).

    """
    if saliency.ndim == 2:
        return array
    return array[..., int(saliency.sum(axis=(0, 1)).argmax())]


def overlay(image: Array, saliency: Array) -> NDArray[np.float64]:
    """Lay a map over an image: the more important a place, the more of the map's colour it gets.

    Args:
        image: shape (C, H, W) or (C, H, W, D), in [0, 1], one or three channels.
        saliency: map in [0, 1], shape (H, W) or (H, W, D). Of a volume the slice with most weight is shown.

    Returns:
        Picture, shape (H, W, 3), in [0, 1].

    """
    picture, shown = as_rgb(middle_slice(image, saliency)), middle_slice(saliency, saliency)
    share = (0.6 * shown)[..., None]
    return (1 - share) * picture + share * matplotlib.colormaps[COLOUR_MAP](shown)[..., :3]


def as_rgb(image: Array) -> NDArray[np.float64]:
    """Turn an image (C, H, W) into a picture (H, W, 3), a single channel into grey."""
    channels = image if len(image) == 3 else np.repeat(image[:1], 3, axis=0)
    return np.clip(channels.transpose(1, 2, 0).astype(np.float64), 0, 1)


@dataclass(frozen=True)
class SheetRow:
    """One image of the sheet.

    Attributes:
        title: what stands beside it, such as its class.
        image: shape (C, *spatial), in [0, 1].
        mask: the lesion's mask, shape (*spatial), or ``None``.
        maps: by the column's name, shape (*spatial), in [0, 1]; ``None`` leaves the place empty.
        captions: by the column's name what stands below a map.
    """

    title: str
    image: Array
    mask: Array | None
    maps: Mapping[str, Array | None]
    captions: Mapping[str, str]


def explanation_sheet(rows: Sequence[SheetRow], columns: Sequence[str]) -> Figure:
    """Draw a sheet: a row an image, the image with its lesion's outline first, then a map in each column.

    Args:
        rows: the images; usually one of each class.
        columns: names of the maps, from left to right; a line break is kept.

    Returns:
        The figure.

    """
    count = len(columns) + 1
    figure = Figure(figsize=(1.65 * count + 0.9, 1.85 * len(rows) + 0.5), layout="constrained")
    grid: Any = figure.subplots(len(rows), count, squeeze=False)
    for axes, row in zip(grid, rows, strict=True):
        guide = next((found for found in row.maps.values() if found is not None), row.image[0])
        _show(axes[0], as_rgb(middle_slice(row.image, guide)), row.mask, guide)
        axes[0].set_ylabel(row.title, fontsize=9)
        for axis, column in zip(axes[1:], columns, strict=True):
            saliency = row.maps.get(column)
            if saliency is None:
                axis.set_axis_off()
                continue
            _show(axis, overlay(row.image, saliency), row.mask, saliency)
            axis.set_xlabel(row.captions.get(column, ""), fontsize=7)
    for axis, title in zip(grid[0], ["image", *columns], strict=True):
        axis.set_title(title, fontsize=9)
    bar = figure.colorbar(ScalarMappable(cmap=COLOUR_MAP), ax=grid, fraction=0.02, pad=0.01)
    bar.set_label("importance for the class (1: most)", fontsize=8)
    bar.ax.tick_params(labelsize=7)
    return figure


def _show(axis: Any, picture: Array, mask: Array | None, guide: Array) -> None:
    """Show a picture, and on it the outline of the lesion."""
    axis.imshow(picture)
    axis.set_xticks([])
    axis.set_yticks([])
    if mask is not None:
        # Twice, so that the outline is seen on light and on dark skin.
        outline = middle_slice(mask, guide)
        if outline.any():
            axis.contour(outline, levels=[0.5], colors="black", linewidths=1.6)
            axis.contour(outline, levels=[0.5], colors=OUTLINE, linewidths=0.8)
