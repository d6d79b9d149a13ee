"""How much memory a training step takes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn


def saved_bytes(network: nn.Module, image_shape: Sequence[int]) -> int:
    """Bytes that a forward pass keeps for the backward pass, for one image; parameters are not counted.

    Args:
        network: the network.
        image_shape: shape of an image, channels first.
    """
    own = {parameter.untyped_storage().data_ptr() for parameter in network.parameters()}
    storages: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            storages[storage.data_ptr()] = storage.nbytes()
        return tensor

    device = next(network.parameters()).device
    images = torch.zeros(2, *image_shape, device=device)
    with torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        logits = network(images)
    del logits
    return sum(storages.values()) // len(images)


@dataclass(frozen=True)
class StepMemory:
    """About how many bytes a training step takes at its peak.

    Args:
        fixed: weights, gradients and Adam's two moments.
        per_image: what the forward passes keep for each image of the batch.

    """

    fixed: int
    per_image: int

    @classmethod
    def measure(cls, network: nn.Module, image_shape: Sequence[int], passes: int = 2) -> StepMemory:
        """Measure it with a forward pass.

        Args:
            network: the network.
            image_shape: shape of an image, channels first.
            passes: how many images pass the network together for each image of the batch: 2 for its clean and its
                adversarial one.
        """
        weights = sum(parameter.numel() * parameter.element_size() for parameter in network.parameters())
        return cls(4 * weights, passes * saved_bytes(network, image_shape))

    def of(self, batch_size: int) -> int:
        """Bytes that a step with so many images takes."""
        return self.fixed + batch_size * self.per_image


def memory_of(device: torch.device) -> int:
    """Bytes of memory of a GPU that are free, or of this machine.

    Args:
        device: the device.
    """
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
