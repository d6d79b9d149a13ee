"""Forward and backward passes of the attack in 16 bits."""

from typing import Literal, get_args

import torch
from torch import Tensor, nn

from custom.attacks.accelerations.acceleration import Acceleration

Dtype = Literal["bfloat16", "float16"]


class ReducedPrecision(Acceleration):
    """Run the network under autocast; images, steps and projections keep their precision.

    Not exact: the direction of a step is that of a rounded network. It pays where the processor multiplies
    matrices of 16 bits faster; depthwise convolutions on a CPU gain nothing.

    Args:
        dtype: ``"bfloat16"``, or ``"float16"``, whose gradients can underflow.

    Raises:
        ValueError: ``dtype`` is unknown.

    Example:
        >>> network = ReducedPrecision().network(nn.Linear(4, 3), torch.rand(2, 4))
        >>> network(torch.rand(2, 4)).dtype
        torch.float32
    """

    exact = False

    def __init__(self, dtype: Dtype = "bfloat16") -> None:
        if dtype not in get_args(Dtype):
            raise ValueError(f"Unknown dtype {dtype!r}: use one of {', '.join(get_args(Dtype))}.")
        self.dtype: torch.dtype = getattr(torch, dtype)

    def network(self, network: nn.Module, images: Tensor) -> nn.Module:
        """The network under autocast."""
        return _Autocast(network, self.dtype)


class _Autocast(nn.Module):
    """Calls a network under autocast and gives its logits in the precision of the images."""

    def __init__(self, network: nn.Module, dtype: torch.dtype) -> None:
        super().__init__()
        self.network = network
        self.dtype = dtype

    def forward(self, images: Tensor) -> Tensor:
        with torch.autocast(images.device.type, self.dtype):
            logits: Tensor = self.network(images)
        return logits.to(images.dtype)
