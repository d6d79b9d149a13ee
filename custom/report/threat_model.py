"""Which perturbations an attack may make, in words, and which attack does most with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NORM_NAMES = {"l2": "L2", "linf": "L∞"}
"""How each norm is written."""


def format_radius(norm: str, epsilon: float) -> str:
    """A radius as a reader writes it: ``L2 0.3``, or in l-infinity ``L∞ 1/255``.

    Args:
        norm: ``"l2"`` or ``"linf"``.
        epsilon: the radius in the units of images in [0, 1].

    Example:
        >>> format_radius("linf", 1 / 255), format_radius("l2", 0.3)
        ('L∞ 1/255', 'L2 0.3')
    """
    if norm == "linf" and epsilon < 0.5:
        return f"{NORM_NAMES[norm]} {epsilon * 255:.3g}/255"
    return f"{NORM_NAMES.get(norm, norm)} {epsilon:.3g}"


def strongest_attacks(attacks: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The attack that leaves the lowest accuracy, for each ball that was attacked in.

    Args:
        attacks: what ``metrics.json`` holds under ``attacks``.

    Returns:
        Names of attacks by radius in words, in the order of the attacks.
    """
    strongest: dict[str, str] = {}
    for name, result in attacks.items():
        ball = format_radius(result["norm"], result["epsilon"])
        best = strongest.setdefault(ball, name)
        if result["images"]["accuracy"]["value"] < attacks[best]["images"]["accuracy"]["value"]:
            strongest[ball] = name
    return strongest
