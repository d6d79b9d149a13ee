"""What else dermoscopic images show: hair, ruler marks, gel bubbles, uneven light."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from custom.data.synthetic.noise import Array, smoothstep

FINE = 4
"""Lines are drawn this many times larger, then averaged down."""


def add_hair(image: Array, rng: np.random.Generator) -> Array:
    """Draw some bent hairs over an image.

    Args:
        image: shape (S, S, 3), 0 to 1.
        rng: decides how many, where and of which color.

    """
    size = image.shape[0]
    canvas = Image.new("L", (size * FINE, size * FINE))
    draw = ImageDraw.Draw(canvas)
    t = np.linspace(0, 1, 24)[:, None]
    direction, spread = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 1.2)
    for _ in range(1 + rng.poisson(rng.gamma(0.9, 10))):
        start, length = rng.uniform(-0.1, 1.1, 2), rng.uniform(0.25, 1.3)
        angle = direction + spread * rng.normal()
        end = start + length * np.array([np.cos(angle), np.sin(angle)])
        middle = (start + end) / 2 + rng.normal(0, 0.18 * length, 2)
        curve = ((1 - t) ** 2 * start + 2 * t * (1 - t) * middle + t**2 * end) * size * FINE
        width = max(1, round(rng.uniform(0.003, 0.009) * size * FINE))
        draw.line([(float(x), float(y)) for x, y in curve], fill=int(rng.uniform(120, 255)), width=width)
    color = np.array([0.3, 0.19, 0.15]) * rng.uniform(0.3, 1.7)
    return _blend(image, _coarse(canvas), color)


def add_ruler(image: Array, rng: np.random.Generator) -> Array:
    """Draw the ticks of a scale along a line near one border.

    Args:
        image: shape (S, S, 3), 0 to 1.
        rng: decides where.

    """
    size = image.shape[0]
    canvas = Image.new("L", (size * FINE, size * FINE))
    draw = ImageDraw.Draw(canvas)
    offset, step = rng.uniform(0.0, 0.1), rng.uniform(0.03, 0.07)
    tilt, first = rng.normal(0, 0.08), rng.uniform(0, 5)
    for k in range(int(1.2 / step)):
        length = 0.07 if (k + int(first)) % 5 == 0 else 0.04
        along = k * step - 0.1
        start = np.array([along, offset + tilt * along])
        end = start + length * np.array([-tilt, 1])
        points = [(float(x), float(y)) for x, y in (start * size * FINE, end * size * FINE)]
        draw.line(points, fill=230, width=max(1, round(0.006 * size * FINE)))
    cover = np.rot90(_coarse(canvas), int(rng.integers(4)))
    return _blend(image, cover, np.array([0.1, 0.1, 0.12]))


def add_bubbles(image: Array, rng: np.random.Generator) -> Array:
    """Draw bubbles of the contact gel: a bright and dark rim and a highlight each.

    Args:
        image: shape (S, S, 3), 0 to 1.
        rng: decides how many and where.

    """
    x, y = pixel_grid(image.shape[0])
    light = np.zeros_like(x)
    for _ in range(1 + rng.poisson(3)):
        (cx, cy), radius = rng.uniform(-1, 1, 2), rng.uniform(0.03, 0.14)
        distance = np.hypot(x - cx, y - cy) / radius
        rim = np.exp(-(((distance - 1) / 0.16) ** 2))
        lit = ((x - cx) + (y - cy)) / radius  # the lamp shines from one side
        light += rim * (0.12 - 0.1 * np.clip(lit, -1, 1))
        light += 0.5 * np.exp(-((np.hypot(x - cx + 0.4 * radius, y - cy + 0.4 * radius) / (0.18 * radius)) ** 2))
    return image + light[..., None] * (1 - 0.6 * image)


def add_vignette(image: Array, rng: np.random.Generator) -> Array:
    """Darken the corners and tilt the light.

    Args:
        image: shape (S, S, 3), 0 to 1.
        rng: decides how much; a few images get the black surround of a round aperture.

    """
    x, y = pixel_grid(image.shape[0])
    (cx, cy), strength = rng.normal(0, 0.15, 2), rng.uniform(0, 0.3)
    distance = np.hypot(x - cx, y - cy)
    light = 1 - strength * (distance / 1.41) ** 2 + rng.normal(0, 0.04) * x + rng.normal(0, 0.04) * y
    if rng.random() < 0.03:
        light = light * smoothstep(distance, rng.uniform(1.25, 1.4), 1.15)
    return image * light[..., None]


def pixel_grid(size: int) -> tuple[Array, Array]:
    """Return x and y of the pixel centers, shape (size, size) each; the image reaches from -1 to 1."""
    axis = ((np.arange(size) + 0.5) / size * 2 - 1).astype(np.float32)
    x, y = np.meshgrid(axis, axis)
    return x, y


def _coarse(canvas: Image.Image) -> Array:
    return np.asarray(canvas.reduce(FINE), np.float32) / np.float32(255)


def _blend(image: Array, cover: Array, color: NDArray[np.float64]) -> Array:
    return image + cover[..., None] * (color.astype(np.float32) - image)
