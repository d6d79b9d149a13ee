"""Projection of a perturbation onto the ball of the allowed perturbations."""

import torch
from torch import Tensor

from custom.attacks.norms import Norm, per_sample, perturbation_norm

# Keeps the division finite if a perturbation or a gradient is zero.
TINY = 1e-12


def project(perturbation: Tensor, epsilon: Tensor, norm: Norm = "l2") -> Tensor:
    """Nearest perturbation within every sample's ball of radius ``epsilon``.

    l2: ``delta_i * min(1, epsilon_i / ||delta_i||_2)``; l-infinity: every value clamped to
    ``[-epsilon_i, epsilon_i]``. A perturbation inside its ball comes back bit-identical.

    Args:
        perturbation: ``x_adv - x`` of shape (B, C, *spatial).
        epsilon: radii of shape (B,), each >= 0, in the units of the images.
        norm: ``"l2"`` or ``"linf"``.

    Returns:
        The projected perturbation, shape (B, C, *spatial).

    Raises:
        ValueError: ``norm`` is unknown.

    Example:
        >>> project(torch.tensor([[[3.0, 4.0]]]), torch.tensor([1.0]))
        tensor([[[0.6000, 0.8000]]])
    """
    radius = per_sample(epsilon, perturbation)
    if norm == "linf":
        return torch.minimum(torch.maximum(perturbation, -radius), radius)
    size = per_sample(perturbation_norm(perturbation, norm).clamp_min(TINY), perturbation)
    return perturbation * (radius / size).clamp(max=1.0)
