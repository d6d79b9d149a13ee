"""The radius rule of IAAT: a radius of its own for every training image, found by trying a larger one."""

from __future__ import annotations

import torch
from torch import Tensor

from custom.radius.checks import check_not_negative


def iaat_radius(
    own_epsilon: Tensor,
    correct_clean: Tensor,
    correct_own: Tensor,
    correct_larger: Tensor,
    *,
    gamma: float,
    smoothing: float,
) -> Tensor:
    """Give every image its radius: larger if it withstands a larger one, smaller if it does not withstand its own.

    ::

        tried_i = 0                    if the clean image is misclassified
                  epsilon_i + gamma    if it is classified correctly under an attack with epsilon_i + gamma
                  epsilon_i            else, if so under one with epsilon_i
                  epsilon_i - gamma    otherwise, at least 0
        epsilon_i <- (1 - smoothing) epsilon_i + smoothing tried_i

    Balaji et al., "Instance adaptive adversarial training: improved accuracy tradeoffs in neural nets", 2019,
    algorithm 2.

    Args:
        own_epsilon: radius epsilon_i of every image before, shape (B,).
        correct_clean: whether the clean image is classified correctly, shape (B,).
        correct_own: the same under an attack with epsilon_i, shape (B,).
        correct_larger: the same under an attack with epsilon_i + gamma, shape (B,).
        gamma: by how much another radius is tried, at least 0.
        smoothing: weight of the radius that was tried, in [0, 1].

    Returns:
        The new radii, shape (B,), at least 0.

    Raises:
        ValueError: if ``gamma`` is negative or ``smoothing`` is not in [0, 1].

    Example::

        >>> import torch
        >>> from custom.radius import iaat_radius
        >>> yes, no = torch.tensor([True]), torch.tensor([False])
        >>> iaat_radius(torch.tensor([0.5]), yes, yes, no, gamma=0.1, smoothing=0.5)
        tensor([0.5000])
        >>> iaat_radius(torch.tensor([0.5]), yes, yes, yes, gamma=0.1, smoothing=0.5)
        tensor([0.5500])

    """
    check_not_negative(gamma=gamma)
    if not 0 <= smoothing <= 1:
        raise ValueError(f"smoothing must be in [0, 1], got {smoothing}.")
    smaller = (own_epsilon - gamma).clamp_min(0.0)
    tried = torch.where(correct_larger, own_epsilon + gamma, torch.where(correct_own, own_epsilon, smaller))
    tried = torch.where(correct_clean, tried, torch.zeros_like(tried))
    return (1 - smoothing) * own_epsilon + smoothing * tried
