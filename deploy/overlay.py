"""A map of the evidence laid over its image, with the notices written on it."""

from __future__ import annotations

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from deploy.case import Finding
from deploy.notices import stability_flag

_COLOR_MAP = "turbo"
_STRENGTH = 0.6
_WRITTEN = "NOT FOR CLINICAL USE"


def draw_overlay(finding: Finding, saliency: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Draw the overlay: the more important a place, the more of the map's color it gets.

    Args:
        finding: the image, its class and its stability, which are written along the lower edge.
        saliency: the map, in [0, 1], shape (S, S), of the whole image.

    Returns:
        An overlay of the image's size, shape (H, W, 3), uint8.

    """
    pixels = finding.source.pixels
    height, width = pixels.shape[:2]
    enlarged = Image.fromarray(np.asarray(saliency, np.float32)).resize((width, height), Image.Resampling.BILINEAR)
    weights = np.clip(np.asarray(enlarged), 0, 1)
    share = (_STRENGTH * weights)[..., None]
    colors = matplotlib.colormaps[_COLOR_MAP](weights)[..., :3] * 255
    canvas = Image.fromarray(np.round((1 - share) * pixels + share * colors).astype(np.uint8))
    prediction = finding.prediction
    _write(
        canvas,
        [
            f"{prediction.class_name} {prediction.probabilities[prediction.label]:.2f}, Grad-CAM",
            stability_flag(finding.stability),
            _WRITTEN,
        ],
    )
    return np.array(canvas)


def _write(canvas: Image.Image, lines: list[str]) -> None:
    """Write lines on a dark band along the lower edge, as large as fits and is read easily."""
    longest = max(ImageFont.load_default(100).getlength(line) for line in lines)
    size = max(1.0, min(canvas.height / 28, 96 * canvas.width / longest))
    font = ImageFont.load_default(size)
    step = size * 1.3
    top = canvas.height - step * len(lines) - size * 0.3
    draw = ImageDraw.Draw(canvas, "RGBA")
    draw.rectangle((0, top, canvas.width, canvas.height), fill=(0, 0, 0, 170))
    for row, line in enumerate(lines):
        draw.text((size * 0.4, top + row * step), line, font=font, fill=(255, 255, 255, 255))
