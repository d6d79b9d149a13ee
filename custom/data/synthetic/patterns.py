"""Dermoscopic patterns: pigment network, globules, ridges, and round structures such as cysts.

All take coordinates in which half an image is 1 and return values from 0 to 1.
"""

from __future__ import annotations

import numpy as np

from custom.data.synthetic.noise import Array, Noise, smoothstep


class Warp:
    """Bend coordinates smoothly, so that a lattice becomes as irregular as tissue.

    Args:
        rng: source of the randomness.
        strength: standard deviation of the displacement.
        scale: size of the bends.

    """

    def __init__(self, rng: np.random.Generator, strength: float, scale: float) -> None:
        self._strength = strength
        self._shifts = Noise(rng, scale), Noise(rng, scale)

    def __call__(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Return the bent coordinates."""
        return tuple(v + self._strength * shift(x, y) for v, shift in zip((x, y), self._shifts, strict=True))  # type: ignore[return-value]


def honeycomb(x: Array, y: Array, period: float) -> Array:
    """Return a hexagonal lattice: 1 at its points, 0 in the middle between three of them.

    Three cosines of equal wavelength at 60 degrees to each other, (sum + 1.5) / 4.5. High values are round
    spots (globules, or the holes of a network), low ones the meshes around them.
    """
    k = 4 * np.pi / (np.sqrt(3) * period)
    total = sum(np.cos(k * (np.cos(a) * x + np.sin(a) * y)) for a in (0, np.pi / 3, 2 * np.pi / 3))
    return ((total + 1.5) / 4.5).astype(np.float32)


def network(x: Array, y: Array, period: float, thickness: Array | float) -> Array:
    """Return dark lines around light holes; ``thickness`` is from 0 (hair lines) to 1."""
    lattice = honeycomb(x, y, period)
    return smoothstep(lattice - 0.25 * np.asarray(thickness, np.float32), 0.3, 0.05)


def globules(x: Array, y: Array, period: float, size: Array | float) -> Array:
    """Return round spots on a lattice; ``size`` is from 0 (dots) to 1 (cobblestones)."""
    lattice = honeycomb(x, y, period)
    return smoothstep(lattice + 0.25 * np.asarray(size, np.float32), 0.5, 0.8)


def ridges(x: Array, y: Array, period: float) -> Array:
    """Return the dark fissures between parallel ridges; a strong warp makes them a brain-like surface."""
    return smoothstep(np.cos(2 * np.pi / period * (0.8 * x + 0.6 * y)).astype(np.float32), 0.2, 0.95)


def spots(x: Array, y: Array, centers: Array, radii: Array) -> Array:
    """Return discs with soft rims: cysts, comedo-like openings.

    Args:
        x: coordinates of the pixels.
        y: coordinates of the pixels.
        centers: shape (N, 2), x and y.
        radii: shape (N,).

    """
    total = np.zeros_like(x)
    for (cx, cy), radius in zip(centers, radii, strict=True):
        total = np.maximum(total, smoothstep(np.hypot(x - cx, y - cy), 1.3 * radius, 0.6 * radius))
    return total
