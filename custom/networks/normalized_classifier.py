"""A classifier that takes images in [0, 1] and normalizes them itself."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from custom.counts import counted


class NormalizedClassifier(nn.Module):
    """Normalize images per channel, then call a network: ``network((x - mean) / std)``.

    With the normalization inside, epsilon of an attack lives in the [0, 1] range of the pixels, and an
    exported network cannot be fed with another normalization than it was trained with. Mean and standard
    deviation are buffers, part of the state dict.

    Args:
        network: maps normalized images (B, C, *spatial) to logits (B, num_classes); any spatial rank.
        mean: mean of every channel, in the units of the images.
        std: standard deviation of every channel, greater than 0.

    Raises:
        ValueError: if ``mean`` and ``std`` differ in length or a standard deviation is not greater than 0.

    Example::

        >>> import torch
        >>> from monai.networks.nets import DenseNet121
        >>> from custom.networks import NormalizedClassifier
        >>> volumes = DenseNet121(spatial_dims=3, in_channels=1, out_channels=2)
        >>> NormalizedClassifier(volumes, mean=[0.5], std=[0.25])(torch.rand(2, 1, 32, 32, 32)).shape
        torch.Size([2, 2])

    """

    # Not under `from __future__ import annotations`: TorchScript cannot read these two as strings.
    mean: Tensor
    std: Tensor

    def __init__(self, network: nn.Module, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        if len(mean) != len(std) or not len(mean):
            raise ValueError(f"mean has {len(mean)} and std {len(std)} values; both need one a channel.")
        if min(std) <= 0:
            raise ValueError(f"std is {list(std)}; every standard deviation must be greater than 0.")
        self.network = network
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32))
        self.register_buffer("std", torch.tensor(std, dtype=torch.float32))

    def forward(self, images: Tensor) -> Tensor:
        """Compute the logits.

        Args:
            images: shape (B, C, *spatial), values in [0, 1]. Images of one channel are repeated for networks
                of more.

        Returns:
            Logits, shape (B, num_classes).

        Raises:
            ValueError: if the images have neither one channel nor as many as ``mean``.

        """
        if images.shape[1] != 1 and images.shape[1] != len(self.mean):
            raise ValueError(f"The images have {counted(images.shape[1], 'channel')} instead of {len(self.mean)} or 1.")
        shape = [1, -1] + [1] * (images.dim() - 2)
        return self.network((images - self.mean.view(shape)) / self.std.view(shape))
