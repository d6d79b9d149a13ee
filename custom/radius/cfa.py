"""The radius rule of CFA: a radius for every class."""

from __future__ import annotations

from torch import Tensor

from custom.radius.checks import check_not_negative


def cfa_radius(robust_accuracy: Tensor, *, epsilon: float, base: float = 0.5) -> Tensor:
    """Choose every class's radius: the easier the class, the larger its ball.

    ::

        epsilon_k = (base + a_k) epsilon

    with ``a_k`` the accuracy of class k on the adversarial training images of the last epoch. Wei et al., "CFA:
    class-wise calibrated fair adversarial training", CVPR 2023: the customized margin of a class.

    Args:
        robust_accuracy: a_k of every class, shape (C,), in [0, 1].
        epsilon: preset perturbation size, at least 0.
        base: radius of a class that is never classified correctly, as a share of epsilon, at least 0.

    Returns:
        The radii, shape (C,).

    Raises:
        ValueError: if ``epsilon`` or ``base`` is negative.

    Example::

        >>> import torch
        >>> from custom.radius import cfa_radius
        >>> cfa_radius(torch.tensor([0.2, 0.8]), epsilon=0.3)
        tensor([0.2100, 0.3900])

    """
    check_not_negative(epsilon=epsilon, base=base)
    return (base + robust_accuracy) * epsilon
