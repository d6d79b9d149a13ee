"""The radius rule of IMA: every training image's radius grows until it reaches the decision boundary."""

from __future__ import annotations

import torch
from torch import Tensor

from custom.radius.checks import check_not_negative


def ima_radius(
    own_epsilon: Tensor,
    norm: Tensor,
    correct_clean: Tensor,
    broken: Tensor,
    *,
    delta_epsilon: float,
    epsilon_max: float,
) -> Tensor:
    """Give every image the radius for its next epoch: its distance to the decision boundary, as far as it is known.

    ::

        epsilon_i <- epsilon_i                    if the clean image is misclassified
                     d_i                          if the attack within epsilon_i broke it, d_i away on the boundary
                     epsilon_i + delta_epsilon    otherwise

    and the result is clamped to [0, epsilon_max]. Ma and Liang, "Increasing-margin adversarial (IMA) training to
    improve adversarial robustness of neural networks", 2020; the ancestor of AMAT.

    Args:
        own_epsilon: radius epsilon_i that the images were attacked with, shape (B,).
        norm: distance d_i of every image to the point on the boundary that was found, shape (B,).
        correct_clean: whether the clean image is classified correctly, shape (B,).
        broken: whether the attack changed that, shape (B,).
        delta_epsilon: by how much a radius grows, at least 0.
        epsilon_max: the largest radius, at least 0.

    Returns:
        The new radii, shape (B,).

    Raises:
        ValueError: if ``delta_epsilon`` or ``epsilon_max`` is negative.

    Example::

        >>> import torch
        >>> from custom.radius import ima_radius
        >>> own, norm = torch.tensor([0.2, 0.2]), torch.tensor([0.2, 0.15])
        >>> right, broken = torch.tensor([True, True]), torch.tensor([False, True])
        >>> ima_radius(own, norm, right, broken, delta_epsilon=0.03, epsilon_max=0.3)
        tensor([0.2300, 0.1500])

    """
    check_not_negative(delta_epsilon=delta_epsilon, epsilon_max=epsilon_max)
    found = torch.where(broken, norm, own_epsilon + delta_epsilon)
    return torch.where(correct_clean, found, own_epsilon).clamp(0.0, epsilon_max)
