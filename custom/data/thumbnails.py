"""Thumbnails of a data set's classes, to be looked at before a training."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from custom.data.decoded_image import UnreadableImageError
from custom.data.intensity import IntensityWindow
from custom.data.read_image import read_image


def thumbnail_grid(
    items: Sequence[Mapping[str, Any]],
    window: IntensityWindow,
    per_class: int = 8,
    size: int = 96,
    names: Sequence[str] = (),
) -> Image.Image:
    """Draw the first images of each class, a row for each class in the order of the labels.

    Args:
        items: of a datalist, with ``image`` and ``label``.
        window: the data set's intensity window, so that the images look as the network sees them.
        per_class: images in a row.
        size: edge of a thumbnail in pixels.
        names: of the classes, to be written into the rows; none by default.

    Returns:
        The grid; places of images that cannot be read are red.

    Example::

        >>> thumbnail_grid([], IntensityWindow()).size
        (768, 96)

    """
    rows: dict[int, list[Path]] = defaultdict(list)
    for item in items:
        if len(rows[item["label"]]) < per_class:
            rows[item["label"]].append(Path(item["image"]))
    grid = Image.new("RGB", (per_class * size, max([*rows, 0]) * size + size), "white")
    for label, paths in rows.items():
        for column, path in enumerate(paths):
            grid.paste(_thumbnail(path, window, size), (column * size, label * size))
    drawing = ImageDraw.Draw(grid)
    for label, name in enumerate(names):
        place = (2, label * size + 1)
        drawing.rectangle(drawing.textbbox(place, name), fill="white")
        drawing.text(place, name, fill="black")
    return grid


def _thumbnail(path: Path, window: IntensityWindow, size: int) -> Image.Image:
    try:
        values = read_image(path).rgb.astype(np.float64)
    except UnreadableImageError:
        return Image.new("RGB", (size, size), "red")
    shown = 255 * np.clip((values - window.low) / (window.high - window.low), 0, 1)
    return Image.fromarray(np.round(shown).astype(np.uint8)).resize((size, size), Image.Resampling.BOX)
