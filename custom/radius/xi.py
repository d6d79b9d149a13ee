"""AMAT's xi: the mean loss of an external network on the attacked training images."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from monai.engines.utils import default_prepare_batch
from torch import nn

from custom.attacks import Attack


def mean_attacked_loss(
    network: nn.Module, attack: Attack, batches: Iterable[dict[str, Any]], device: torch.device
) -> float:
    """Attack every image and average the cross-entropy L(x_adv) over all of them.

    Of a network trained without attacks (STD) on the training images this is the number xi that
    :func:`custom.radius.amat_radius` compares with.

    Args:
        network: the external network; left as found.
        attack: the training adversary.
        batches: mini-batches with ``image``, shape (B, C, *spatial), and ``label``, shape (B,).
        device: where to compute.

    Returns:
        The mean loss.

    Raises:
        ValueError: when there are no images.

    """
    total, count = 0.0, 0
    for batch in batches:
        images, labels = map(torch.as_tensor, default_prepare_batch(batch, device))
        images_adv = attack(network, images, labels)
        total += float(attack.cross_entropy(network, images_adv, labels).double().sum())
        count += len(labels)
    if count == 0:
        raise ValueError("There are no images to find xi with.")
    return total / count
