"""Which perturbations an attack may make, in words."""

from __future__ import annotations

NORM_NAMES = {"l2": "ℓ2", "linf": "ℓ∞"}
"""How each norm is written, everywhere."""


def format_radius(norm: str, epsilon: float) -> str:
    """A radius as a reader writes it: ``ℓ2 0.3``, or in l-infinity ``ℓ∞ 1/255``.

    Args:
        norm: ``"l2"`` or ``"linf"``.
        epsilon: the radius in the units of images in [0, 1].

    Example:
        >>> format_radius("linf", 1 / 255), format_radius("l2", 0.3)
        ('ℓ∞ 1/255', 'ℓ2 0.3')
    """
    if norm == "linf" and epsilon < 0.5:
        return f"{NORM_NAMES[norm]} {epsilon * 255:.3g}/255"
    return f"{NORM_NAMES.get(norm, norm)} {epsilon:.3g}"
