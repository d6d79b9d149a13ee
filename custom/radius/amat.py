"""The radius rule of AMAT: a radius of its own for every training sample, kept from epoch to epoch."""

from __future__ import annotations

import torch
from torch import Tensor

from custom.radius.checks import check_not_negative


def amat_radius(
    own_epsilon: Tensor,
    loss_adv: Tensor,
    norm: Tensor,
    *,
    xi: float,
    delta_epsilon: float,
    epsilon_max: float,
) -> Tensor:
    """Give every sample the radius for its next epoch (equations 5 to 7).

    A sample that its adversarial example does not trouble gets a larger ball, any other a smaller one::

        epsilon_i <- epsilon_i + delta_epsilon    if L(x_adv_i) < xi
                     (epsilon_i + d_i) / 2        otherwise

    and the result is clamped to [0, epsilon_max].

    Args:
        own_epsilon: radius epsilon_i that the samples were attacked with, shape (B,).
        loss_adv: cross-entropy L(x_adv_i) of every adversarial sample, shape (B,).
        norm: norm d_i of every perturbation, shape (B,).
        xi: loss below which a sample counts as easy: the mean loss of a well-trained external network.
        delta_epsilon: how much an easy sample's radius grows.
        epsilon_max: the largest radius, twice the pre-set epsilon by default of the method.

    Returns:
        The new radii, shape (B,).

    Raises:
        ValueError: when ``delta_epsilon`` or ``epsilon_max`` is negative.

    Example::

        >>> import torch
        >>> from custom.radius import amat_radius
        >>> own = torch.tensor([0.3, 0.3])
        >>> amat_radius(own, torch.tensor([0.1, 2.0]), torch.tensor([0.3, 0.2]),
        ...             xi=1.0, delta_epsilon=0.03, epsilon_max=0.6)
        tensor([0.3300, 0.2500])

    """
    check_not_negative(delta_epsilon=delta_epsilon, epsilon_max=epsilon_max)
    new_epsilon = torch.where(loss_adv < xi, own_epsilon + delta_epsilon, (own_epsilon + norm) / 2)
    return new_epsilon.clamp(0.0, epsilon_max)
