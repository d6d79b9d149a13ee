"""What a dermatoscope and its user leave in an image."""

from __future__ import annotations

import string

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from custom.evaluation.corruptions.blur import scale

# Height in pixels of a letter of scale 1, in images of 224 pixels.
LETTER_HEIGHT = 30


def dark_corners(image: Tensor, radius: float, generator: torch.Generator) -> Tensor:
    """Black out what lies outside a circle about the center; a radius of 1 touches the nearest border."""
    height, width = image.shape[-2:]
    rows = torch.arange(height)[:, None] - (height - 1) / 2
    columns = torch.arange(width)[None, :] - (width - 1) / 2
    inside = rows**2 + columns**2 <= (radius * min(height, width) / 2) ** 2
    return image * inside


def characters(image: Tensor, limits: tuple[int, int, float], generator: torch.Generator) -> Tensor:
    """Write random words in random colors, as devices and users do.

    Args:
        image: shape (C, H, W).
        limits: largest number of words, of letters in a word (three at least), and of the letters' scale.
        generator: source of random numbers.
    """
    most_words, most_letters, largest_scale = limits
    canvas = Image.fromarray((image * 255).round().to(torch.uint8).permute(1, 2, 0).numpy().squeeze())
    draw = ImageDraw.Draw(canvas)
    height, width = image.shape[-2:]
    for _ in range(_whole(1, most_words, generator)):
        letters = [_whole(0, 25, generator) for _ in range(_whole(3, most_letters, generator))]
        size = 0.14 + (largest_scale - 0.14) * float(torch.rand(1, generator=generator))
        font = ImageFont.load_default(max(4.0, size * LETTER_HEIGHT * scale(image)))
        place = (_whole(0, max(0, width - 1), generator) * 0.7, _whole(0, max(0, height - 1), generator) * 0.9)
        color = tuple(_whole(0, 255, generator) for _ in range(len(image)))
        word = "".join(string.ascii_lowercase[letter] for letter in letters)
        draw.text(place, word, fill=color if len(image) == 3 else color[0], font=font)
    written = torch.from_numpy(np.array(canvas, dtype=np.float32)) / 255
    return written[None] if written.ndim == 2 else written.permute(2, 0, 1)


def _whole(lowest: int, highest: int, generator: torch.Generator) -> int:
    return int(torch.randint(lowest, highest + 1, (1,), generator=generator))
