"""Smooth random fields, the raw material of skin and lesions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.fft import fftfreq, irfft2, rfft2, rfftfreq
from scipy.ndimage import map_coordinates

Array = NDArray[np.float32]

PERIOD = 4.0
"""Edge of the square after which a field repeats itself; half an image is 1."""
SMOOTH_DECAY = 3.5
"""From this decay on there is so little fine structure that a grid half as fine serves as well."""


class Noise:
    """A random field with zero mean and unit variance that is smooth below a scale and rougher above it.

    White noise is filtered in Fourier space to the amplitude spectrum ``(1 + (scale |f|)^2)^(-roughness /
    2)``, where f is in cycles per unit. A field belongs to a lesion, so two images of it see the same field.

    Args:
        rng: source of the randomness.
        scale: size of the largest structures; half an image is 1.
        decay: exponent of the spectrum. 2 is rough like skin, 6 as smooth as a cloud.

    Example::

        >>> rng = np.random.default_rng(0)
        >>> x, y = np.meshgrid(np.linspace(-1, 1, 128), np.linspace(-1, 1, 128))
        >>> Noise(rng, scale=0.5)(x, y).shape
        (128, 128)

    """

    def __init__(self, rng: np.random.Generator, scale: float, decay: float = 4.0) -> None:
        cells = 128 if decay >= SMOOTH_DECAY else 256
        frequency = fftfreq(cells, PERIOD / cells).astype(np.float32)
        half = rfftfreq(cells, PERIOD / cells).astype(np.float32)
        amplitude = (1 + scale**2 * (frequency[:, None] ** 2 + half[None, :] ** 2)) ** (-decay / 2)
        amplitude[0, 0] = 0
        field = irfft2(rfft2(rng.standard_normal((cells, cells), np.float32)) * amplitude)
        self._field = field / field.std()

    def __call__(self, x: Array, y: Array) -> Array:
        """Return the field at some points (any shape)."""
        grid = np.stack([y, x]) * np.float32(len(self._field) / PERIOD)
        return map_coordinates(self._field, grid, order=1, mode="grid-wrap", output=np.float32)


def smoothstep(values: Array, low: float, high: float) -> Array:
    """Rise from 0 at ``low`` to 1 at ``high``, 3t^2 - 2t^3; fall where ``low`` is above ``high``."""
    t = np.clip((values - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)
