"""AMAT's xi: what a network trained without attacks has for an upper end of its losses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from monai.engines.utils import default_prepare_batch
from torch import Tensor, nn
from torch.nn import functional as F

from custom.attacks import Attack

NORMAL_MAD = 1.4826
"""The standard deviation of a normal distribution as a multiple of its median absolute deviation."""


def robust_upper_end(losses: Tensor, scales: float = 3.0, tuning: float = 1.345) -> float:
    """Location of the losses by Huber's M-estimator, plus some scales: xi of the clean validation losses.

    The location ``mu`` solves ``sum psi((L_i - mu) / s) = 0`` with Huber's ``psi(u) = max(-k, min(k, u))`` and the
    scale ``s``, 1.4826 times the median absolute deviation (Huber, "Robust statistics", 1981). A few images with huge
    losses hardly move it, unlike the mean.

    Args:
        losses: cross-entropy of every image on a network trained without attacks, shape (N,), at least one.
        scales: number of scales above the location.
        tuning: Huber's k; 1.345 has 95 % of the mean's efficiency if the losses are normal.

    Returns:
        The location plus ``scales`` scales, in nats.

    Raises:
        ValueError: if there are no losses, or one is not finite.

    Example::

        >>> import torch
        >>> from custom.radius import robust_upper_end
        >>> round(robust_upper_end(torch.tensor([1.0, 2.0, 3.0])), 4)
        6.4478

    """
    values = losses.detach().double().flatten()
    if len(values) == 0 or not bool(torch.isfinite(values).all()):
        raise ValueError("xi needs at least one loss, and finite ones.")
    location = values.quantile(0.5)
    scale = NORMAL_MAD * (values - location).abs().quantile(0.5)
    if scale == 0:
        return float(location)
    for _ in range(200):
        # Iteratively reweighted means: the weight of a loss falls with its distance beyond k scales.
        weights = (tuning / ((values - location).abs() / scale).clamp_min(1e-300)).clamp_max(1.0)
        moved = (weights * values).sum() / weights.sum()
        if torch.equal(moved, location):
            break
        location = moved
    return float(location + scales * scale)


def image_losses(
    network: nn.Module, batches: Iterable[dict[str, Any]], device: torch.device, attack: Attack | None = None
) -> Tensor:
    """Cross-entropy of every image, or of its adversarial example, with the network in evaluation mode.

    Args:
        network: the network; left as found.
        batches: mini-batches with ``image``, shape (B, C, *spatial), and ``label``, shape (B,).
        device: where to compute.
        attack: makes adversarial examples of the images; ``None`` for the clean images.

    Returns:
        Losses in nats, shape (N,).

    Raises:
        ValueError: if there are no images.

    """
    training = network.training
    network.eval()
    losses = []
    for batch in batches:
        images, labels = map(torch.as_tensor, default_prepare_batch(batch, device))
        inputs = images if attack is None else attack(network, images, labels)
        with torch.no_grad():
            losses.append(F.cross_entropy(network(inputs), labels, reduction="none").double().cpu())
    network.train(training)
    if not losses:
        raise ValueError("No images found to compute losses of.")
    return torch.cat(losses)
