"""Synthetic healthy skin under a dermatoscope."""

from __future__ import annotations

import numpy as np

from custom.data.synthetic.noise import Array, Noise
from custom.data.synthetic.patterns import Warp, honeycomb

MELANIN = np.array([0.45, 1.0, 1.15], np.float32)
BLOOD = np.array([0.15, 1.0, 0.85], np.float32)


class Skin:
    """A piece of skin: color, mottling, fine furrows, small vessels.

    The color is exp(-z), with z normal: mean and principal axes close to those measured on the corners of
    dermoscopic images.

    Args:
        rng: decides everything about the skin.

    """

    def __init__(self, rng: np.random.Generator) -> None:
        brightness, redness, tint = rng.normal(0, [0.22, 0.11, 0.035])
        axes = np.array([[0.49, 0.62, 0.61], [-0.86, 0.22, 0.47], [0.16, -0.75, 0.64]])
        self.color = np.clip(np.exp(-(np.array([0.2, 0.46, 0.4]) + [brightness, redness, tint] @ axes)), 0.2, 0.97)
        self._mottling = Noise(rng, rng.uniform(0.1, 0.4), 1.6), Noise(rng, rng.uniform(0.1, 0.5), 1.8)
        self._contrast = rng.uniform(0.008, 0.035), rng.uniform(0.015, 0.06)
        self._furrows = Warp(rng, 0.05, 0.3), rng.uniform(0.05, 0.1), rng.uniform(0.0, 0.05)
        self._vessels = Noise(rng, 0.5, 3.5), max(0.0, rng.uniform(-0.2, 0.15))

    def look(self, x: Array, y: Array) -> Array:
        """Return the light that the skin reflects, shape (H, W, 3), about 0 to 1.

        Args:
            x: coordinates, shape (H, W); half an image is 1.
            y: coordinates, shape (H, W).

        """
        warp, period, depth = self._furrows
        melanin = self._contrast[0] * self._mottling[0](x, y) + depth * (honeycomb(*warp(x, y), period) - 0.33)
        vessels = np.exp(-((self._vessels[0](x, y) / 0.06) ** 2))  # along the zero line of a noise: thin and winding
        blood = self._contrast[1] * self._mottling[1](x, y) + self._vessels[1] * vessels
        density = melanin[..., None] * MELANIN + blood[..., None] * BLOOD
        return (self.color * np.exp(-density)).astype(np.float32)
