"""The radius rule of DPAAT: fragile samples get a smaller ball, stable ones a larger."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import torch
from torch import Tensor

from custom.radius.checks import check_not_negative

Adapted = Literal["all", "stable", "fragile"]


class DPAATRadius(NamedTuple):
    """What :func:`dpaat_radius` found for one mini-batch.

    Attributes:
        epsilon: the radius epsilon_i of every sample, shape (B,), in [0, 2 epsilon].
        gamma: the adaptive length gamma_i, shape (B,), equation 15; 0 for samples that are not adapted.
        delta_loss: dL_i = L(x_adv_i) - L(x_i), shape (B,), equation 13.
        delta_loss_mean: dL_avg, a scalar, equation 14.
        fragile: where dL_i > dL_avg, boolean, shape (B,).
        clamped_low: where the rule gave a negative radius, boolean, shape (B,).
        clamped_high: where the rule gave more than 2 epsilon, boolean, shape (B,).
        degenerate: whether dL_avg was at most the floor, so that gamma was set to 0; a boolean scalar.
    """

    epsilon: Tensor
    gamma: Tensor
    delta_loss: Tensor
    delta_loss_mean: Tensor
    fragile: Tensor
    clamped_low: Tensor
    clamped_high: Tensor
    degenerate: Tensor


def dpaat_radius(
    loss_clean: Tensor,
    loss_adv: Tensor,
    norm: Tensor,
    *,
    epsilon: float,
    delta_loss_mean: Tensor | None = None,
    delta_loss_mean_floor: float = 1e-6,
    gamma_scale: float = 1.0,
    adapted: Adapted = "all",
) -> DPAATRadius:
    """Choose every sample's radius from how much the first attack raised its loss (equations 13 to 16).

    With ``dL_i = L(x_adv_i) - L(x_i)``, its mean ``dL_avg`` and ``d_i = ||x_adv_i - x_i||``::

        gamma_i   = epsilon * |dL_i - dL_avg| / dL_avg
        epsilon_i = d_i - gamma_i   if dL_i > dL_avg   (relatively fragile)
                    d_i + gamma_i   otherwise          (relatively stable)

    The paper leaves two cases open. If ``dL_avg`` is at most ``delta_loss_mean_floor`` the ratio says nothing,
    so gamma is 0 and the radius is ``d_i``. And the radius is clamped to [0, 2 epsilon]: a fragile sample with
    ``gamma_i > d_i`` would get a negative one, and a stable sample with ``dL_i >= 0`` cannot pass 2 epsilon by
    equation 15 itself.

    Args:
        loss_clean: cross-entropy L(x_i) of every clean sample, shape (B,).
        loss_adv: cross-entropy L(x_adv_i) of every adversarial sample, shape (B,).
        norm: norm d_i of every perturbation, shape (B,).
        epsilon: pre-set perturbation size, at least 0.
        delta_loss_mean: dL_avg if it is not the mean of these samples alone, as when the mini-batch is spread
            over several processes; a scalar.
        delta_loss_mean_floor: dL_avg at or below which gamma is 0.
        gamma_scale: factor of gamma, at least 0; the paper has 1, and names its effect as future work.
        adapted: whose radius is adapted; ``"stable"`` lets radii only grow, ``"fragile"`` only shrink, and the other
            samples have ``d_i``.

    Returns:
        The radii and what they were made of.

    Raises:
        ValueError: if ``epsilon`` or ``gamma_scale`` is out of range, ``adapted`` is unknown, or the three tensors are
            not of one shape (B,).

    Example::

        >>> import torch
        >>> from custom.radius import dpaat_radius
        >>> loss_clean, loss_adv = torch.tensor([0.5, 0.5]), torch.tensor([0.6, 0.8])
        >>> dpaat_radius(loss_clean, loss_adv, torch.tensor([0.3, 0.3]), epsilon=0.3).epsilon
        tensor([0.4500, 0.1500])

    """
    check_not_negative(epsilon=epsilon)
    check_variant(gamma_scale, adapted)
    if loss_clean.ndim != 1 or not loss_clean.shape == loss_adv.shape == norm.shape:
        shapes = f"{tuple(loss_clean.shape)}, {tuple(loss_adv.shape)} and {tuple(norm.shape)}"
        raise ValueError(f"loss_clean, loss_adv and norm must share one shape (B,), got {shapes}.")
    delta_loss = loss_adv - loss_clean
    mean = delta_loss.mean() if delta_loss_mean is None else delta_loss_mean.to(delta_loss)
    degenerate = mean <= delta_loss_mean_floor
    # The divisor 1 only stands in where the result is thrown away: it keeps 0/0 out of the tensors.
    ratio = (delta_loss - mean).abs() / torch.where(degenerate, torch.ones_like(mean), mean)
    gamma = torch.where(degenerate, torch.zeros_like(ratio), gamma_scale * epsilon * ratio)
    fragile = delta_loss > mean
    if adapted != "all":
        gamma = torch.where(fragile == (adapted == "fragile"), gamma, torch.zeros_like(gamma))
    unclamped = torch.where(fragile, norm - gamma, norm + gamma)
    return DPAATRadius(
        epsilon=unclamped.clamp(0.0, 2.0 * epsilon),
        gamma=gamma,
        delta_loss=delta_loss,
        delta_loss_mean=mean,
        fragile=fragile,
        clamped_low=unclamped < 0.0,
        clamped_high=unclamped > 2.0 * epsilon,
        degenerate=degenerate,
    )


def check_variant(gamma_scale: float, adapted: str) -> None:
    """Raise unless the variant of the rule is one.

    Raises:
        ValueError: if ``gamma_scale`` is not a number of at least 0, or ``adapted`` is unknown.
    """
    check_not_negative(gamma_scale=gamma_scale)
    if adapted not in get_args(Adapted):
        raise ValueError(f"adapted must be one of {', '.join(get_args(Adapted))}, not {adapted!r}.")
