"""Forward and backward passes of the attack in 16 bits."""

import logging
from typing import Literal, get_args

import torch
from torch import Tensor, nn

from custom.attacks.accelerations.acceleration import Acceleration

logger = logging.getLogger(__name__)

Dtype = Literal["bfloat16", "float16"]


def has_hardware(dtype: torch.dtype, device: torch.device) -> bool:
    """Whether a device computes with ``bfloat16`` or ``float16`` itself, as far as torch tells.

    Others imitate it, many times slower than 32 bits.
    """
    if device.type == "cuda":
        return dtype == torch.float16 or torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type == "cpu":
        own = torch.ops.mkldnn
        return bool(own._is_mkldnn_bf16_supported() if dtype == torch.bfloat16 else own._is_mkldnn_fp16_supported())
    return True


class ReducedPrecision(Acceleration):
    """Run the network under autocast; images, steps and projections keep their precision.

    Not exact: the direction of a step is that of a rounded network. It pays where the processor multiplies
    matrices of 16 bits faster; depthwise convolutions on a CPU gain nothing. A processor that would only imitate
    16 bits, many times slower, stays with 32, and the log says so.

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
        self._warned = False

    def network(self, network: nn.Module, images: Tensor) -> nn.Module:
        """The network under autocast; itself, on a device that would imitate 16 bits."""
        if not has_hardware(self.dtype, images.device):
            if not self._warned:
                logger.warning(
                    "No hardware for %s here: attacks run in 32 bits.", str(self.dtype).removeprefix("torch.")
                )
                self._warned = True
            return network
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
