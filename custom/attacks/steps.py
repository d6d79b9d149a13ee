"""Direction and length of an attack's steps."""

import math
from typing import Literal, get_args

from torch import Tensor

from custom.attacks.checks import check_count, check_positive
from custom.attacks.norms import Norm, per_sample, perturbation_norm
from custom.attacks.projections import TINY

StepRule = Literal["normalized", "sign"]
StepSchedule = Literal["constant", "cosine"]


def schedule_factors(schedule: StepSchedule, steps: int) -> list[float]:
    r"""Length of every step as a multiple of the first.

    Args:
        schedule: ``"constant"``, or ``"cosine"``: :math:`\tfrac{1}{2} (1 + \cos(\pi t / T))` for t = 0, ..., T - 1,
            which falls from 1 towards 0.
        steps: number of steps T, >= 1.

    Example:
        >>> [round(factor, 2) for factor in schedule_factors("cosine", 4)]
        [1.0, 0.85, 0.5, 0.15]
    """
    if schedule == "constant":
        return [1.0] * steps
    return [(1 + math.cos(math.pi * step / steps)) / 2 for step in range(steps)]


def default_fraction(schedule: StepSchedule, steps: int) -> float:
    """Length of the first step as a fraction of the radius: the whole of it for a falling step, else a quarter.

    With fewer than four constant steps, it is what reaches the radius.
    """
    return 1.0 if schedule == "cosine" else max(0.25, 1 / steps)


def default_rule(norm: Norm) -> StepRule:
    """The rule whose steps are steepest in a norm."""
    return "normalized" if norm == "l2" else "sign"


def direction(gradient: Tensor, rule: StepRule) -> Tensor:
    """Direction of a step up the loss.

    Args:
        gradient: gradient of the loss, (B, C, *spatial).
        rule: ``"normalized"``, g / max(||g||_2, 1e-12) per sample, or ``"sign"``, sign(g).

    Returns:
        The direction, (B, C, *spatial).
    """
    if rule == "sign":
        return gradient.sign()
    return gradient / per_sample(perturbation_norm(gradient).clamp_min(TINY), gradient)


def check_steps(
    *,
    steps: int,
    size: float | None,
    fraction: float | None,
    schedule: StepSchedule,
    rule: StepRule | None,
    norm: Norm,
) -> None:
    """Raise unless number, length, schedule and rule of the steps are in their ranges and fit each other.

    Args:
        steps: number of steps.
        size: length of the first step, or None.
        fraction: the same as a fraction of the radius, or None.
        schedule: how the length changes.
        rule: rule of the direction, or None.
        norm: norm of the ball.

    Raises:
        ValueError: so they are not.
    """
    check_count("steps", steps)
    for name, value in (("step_size", size), ("step_fraction", fraction)):
        if value is not None:
            check_positive(name, value)
    if size is not None and fraction is not None:
        raise ValueError("Pass step_size or step_fraction, not both.")
    if schedule not in get_args(StepSchedule):
        raise ValueError(f"Unknown step_schedule {schedule!r}; use one of {', '.join(get_args(StepSchedule))}.")
    if rule is not None and rule not in get_args(StepRule):
        raise ValueError(f"Unknown step_rule {rule!r}; use one of {', '.join(get_args(StepRule))}.")
    if norm == "linf" and rule == "normalized":
        raise ValueError(
            "step_rule 'normalized' does not fit norm 'linf', whose ball it would hardly fill; leave step_rule out, "
            "or use 'sign'."
        )
