"""What the page attacks with: an attack, a norm and a radius."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from custom.attacks import FGSM, PGD, Attack, StrongAttack
from custom.attacks.norms import Norm

ATTACKS = {
    "pgd": "PGD, 20 steps",
    "fgsm": "FGSM, one step",
    "strong": "Strong attack, 20 + 20 steps",
}
"""The attacks to choose from, and what the page calls them."""

DEFAULT_RADII: dict[Norm, float] = {"l2": 0.3, "linf": 1 / 255}
"""Radii to begin with in a norm that none of the models was trained in: those of an evaluation."""


@dataclass(frozen=True)
class Threat:
    """An attack within a ball.

    Args:
        attack: one of :data:`ATTACKS`.
        norm: norm of the ball, ``"l2"`` or ``"linf"``.
        epsilon: its radius in the units of images in [0, 1], >= 0.

    Raises:
        ValueError: the attack is unknown.

    Example::

        >>> from custom.explorer import Threat
        >>> Threat("pgd", "l2", 0.3).create().steps
        20

    """

    attack: str
    norm: Norm
    epsilon: float

    def __post_init__(self) -> None:
        if self.attack not in ATTACKS:
            raise ValueError(f"Unknown attack {self.attack!r}; use one of {', '.join(ATTACKS)}.")

    def create(self) -> Attack:
        """The attack. Its accelerations keep the results up to rounding, as an evaluation's do."""
        if self.attack == "strong":
            return StrongAttack(epsilon=self.epsilon, norm=self.norm, accelerations="exact")
        if self.attack == "fgsm":
            # One step of the length of the radius, along the sign of the gradient or, in l2, the gradient itself.
            return FGSM(epsilon=self.epsilon, norm=self.norm, step_fraction=1.0, accelerations="exact")
        return PGD(epsilon=self.epsilon, norm=self.norm, steps=20, step_fraction=0.5, accelerations="exact")


@dataclass(frozen=True)
class RadiusScale:
    """The slider of a norm's radius.

    Attributes:
        norm: the norm.
        unit: what one unit of the slider is in images in [0, 1]: 1, or one gray level of 8 bits.
        maximum: of the slider, in its unit; the least is 0.
        step: of the slider.
        start: where it begins.
    """

    norm: Norm
    unit: float
    maximum: float
    step: float
    start: float


def radius_scale(norm: Norm, trained: Sequence[Mapping[str, Any]]) -> RadiusScale:
    """Choose the slider of a norm: from 0 to four times the largest radius that a model was trained for.

    Args:
        norm: the norm.
        trained: ``norm`` and ``epsilon`` of each model's training.

    Returns:
        The slider; it begins at the training's radius, or that of an evaluation if no model was trained in this norm.

    Example::

        >>> from custom.explorer import radius_scale
        >>> scale = radius_scale("l2", [{"norm": "l2", "epsilon": 0.3}])
        >>> scale.start, scale.maximum, scale.step
        (0.3, 1.2, 0.015)

    """
    radii = [float(attack["epsilon"]) for attack in trained if attack.get("norm") == norm]
    unit = 1 / 255 if norm == "linf" else 1.0
    start = (max(radii, default=0.0) or DEFAULT_RADII[norm]) / unit
    return RadiusScale(norm, unit, maximum=_rounded(4 * start), step=_rounded(start / 20), start=_rounded(start))


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
