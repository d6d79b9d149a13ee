"""The radius rule of MWPB: the more surely an image is classified correctly, the larger its ball."""

from __future__ import annotations

import torch
from torch import Tensor

from custom.radius.checks import check_not_negative


def mwpb_radius(probabilities: Tensor, labels: Tensor, *, epsilon: float, alpha: float = 0.5) -> Tensor:
    r"""Choose every sample's radius from its margin on the clean image.

    .. math::
        \epsilon_i = \epsilon\, \exp\bigl(\alpha\, (p_y(x_i) - \max_{k \ne y} p_k(x_i))\bigr)

    Fakorede et al., "Improving adversarial training using vulnerability-aware perturbation budget", 2024: the
    margin-weighted perturbation budget.

    Args:
        probabilities: predictions on the clean images, shape (B, C), with at least two classes.
        labels: class indices, shape (B,).
        epsilon: preset perturbation size, at least 0.
        alpha: how much the margin counts, at least 0; 0 gives every sample epsilon.

    Returns:
        The radii, shape (B,), in [epsilon exp(-alpha), epsilon exp(alpha)].

    Raises:
        ValueError: if ``epsilon`` or ``alpha`` is negative.

    Example::

        >>> import torch
        >>> from custom.radius import mwpb_radius
        >>> mwpb_radius(torch.tensor([[0.9, 0.1], [0.5, 0.5]]), torch.tensor([0, 0]), epsilon=1.0)
        tensor([1.4918, 1.0000])

    """
    check_not_negative(epsilon=epsilon, alpha=alpha)
    own = probabilities.gather(1, labels[:, None]).squeeze(1)
    wrong = probabilities.scatter(1, labels[:, None], -torch.inf).amax(1)
    return epsilon * (alpha * (own - wrong)).exp()
