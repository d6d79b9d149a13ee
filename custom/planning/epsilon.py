"""Radii at different resolutions, and what they are in gray levels."""

from __future__ import annotations

import math

PAPER_EPSILON = 0.3
"""The paper's l2 radius, at `PAPER_SIZE`."""
PAPER_SIZE = 224
LEVELS = 255
"""Gray levels between black and white of 8 bits."""


def rounded_up(epsilon: float) -> float:
    """The smallest number of three digits that is not below a radius: what fails at the radius fails there, too.

    Args:
        epsilon: the radius, greater than 0.

    Example::

        >>> rounded_up(0.17841), rounded_up(0.25), rounded_up(0.0021439)
        (0.179, 0.25, 0.00215)

    """
    digits = 2 - math.floor(math.log10(epsilon))
    return round(math.ceil(epsilon * 10**digits - 1e-9) / 10**digits, digits)


def spread_evenly(epsilon: float, size: int, channels: int = 3) -> float:
    """Gray levels by which each value changes if an l2 perturbation is spread evenly over all of them.

    ``255 epsilon / sqrt(channels * size**2)``

    Args:
        epsilon: l2 norm of the perturbation, for images in [0, 1].
        size: edge of the square images in pixels.
        channels: number of channels.

    Example::

        >>> round(spread_evenly(0.3, 224), 2)
        0.2

    """
    return LEVELS * epsilon / math.sqrt(channels * size**2)


def rounding_norm(size: int, channels: int = 3) -> float:
    """Expected l2 norm of what rounding to 8 bits changes: ``sqrt(channels * size**2 / 12) / 255``.

    The error of a value is uniform in half a gray level to either side.

    Args:
        size: edge of the square images in pixels.
        channels: number of channels.

    Example::

        >>> round(rounding_norm(224), 2)
        0.44

    """
    return math.sqrt(channels * size**2 / 12) / LEVELS


def scaled_epsilon(size: int) -> float:
    """The l2 radius that changes each value as much as the paper's does at 224 pixels, if spread evenly.

    Args:
        size: edge of the square images in pixels.

    Example::

        >>> round(scaled_epsilon(112), 4)
        0.15

    """
    return PAPER_EPSILON * size / PAPER_SIZE


def gray_levels(epsilon: float, norm: str, size: int) -> float:
    """Gray levels by which each value changes within a radius: at most in l-infinity, spread evenly in l2.

    Args:
        epsilon: the radius, for images in [0, 1].
        norm: ``l2`` or ``linf``.
        size: edge of the square images in pixels.
    """
    return spread_evenly(epsilon, size) if norm == "l2" else LEVELS * epsilon
