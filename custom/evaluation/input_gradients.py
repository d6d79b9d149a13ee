"""Gradients of the loss with respect to the images."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader

from custom.attacks.network_state import frozen


def zero_gradient_share(network: nn.Module, dataloader: DataLoader, device: torch.device | str = "cpu") -> float:
    """Share of images at which the gradient of the cross-entropy is exactly zero, in [0, 1].

    An attack along the gradient cannot move such an image: its "robustness" is that of saturated or broken gradients.

    Args:
        network: maps images in [0, 1], shape (B, C, *spatial), to logits (B, classes).
        dataloader: gives batches with ``image`` and ``label``.
        device: where to compute.

    Example:
        >>> saturated = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
        >>> _ = saturated[1].bias.data.copy_(torch.tensor([1e4, -1e4]))
        >>> zero_gradient_share(saturated, [{"image": torch.rand(1, 1, 2, 2), "label": torch.tensor([0])}])
        1.0
    """
    zero, images_seen = 0, 0
    with frozen(network, "evaluation") as lent:
        for batch in dataloader:
            images = torch.as_tensor(batch["image"]).to(device).as_subclass(torch.Tensor).detach().requires_grad_()
            labels = torch.as_tensor(batch["label"]).to(device)
            with torch.enable_grad():
                (gradient,) = torch.autograd.grad(F.cross_entropy(lent(images), labels, reduction="sum"), images)
            zero += int((gradient.flatten(1) == 0).all(dim=1).sum())
            images_seen += len(images)
    return zero / max(images_seen, 1)
