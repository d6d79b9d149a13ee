"""Forward and backward passes of the attack in bfloat16 or float16."""

import logging

import torch
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd

from custom.acceleration.acceleration import Acceleration
from custom.acceleration.autocast import Dtype, call_in, checked_dtype, has_hardware
from custom.acceleration.weight_override import override_weights

logger = logging.getLogger(__name__)


class ReducedPrecision(Acceleration):
    """Run the network under autocast; images, steps and projections keep their precision.

    Not exact: the direction of a step is that of a rounded network. It pays if the processor multiplies matrices
    of this type faster. The weights of convolutions and linear layers are rounded once per attack instead of once
    per step. A processor that would only emulate the type, many times slower, keeps float32, and the log says so.

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
        self.dtype = checked_dtype(dtype)
        self._warned = False

    def network(self, network: nn.Module, images: Tensor) -> nn.Module:
        """The network under autocast; itself, on a device that would emulate the type."""
        if not has_hardware(self.dtype, images.device):
            if not self._warned:
                logger.warning(
                    "No hardware for %s here: attacks run in float32.", str(self.dtype).removeprefix("torch.")
                )
                self._warned = True
            return network
        return _Autocast(self.dtype, override_weights(network, self._rounded))

    def _rounded(self, module: nn.Module, weight: Tensor) -> Tensor:
        """A weight as autocast would round it at each call."""
        return weight.to(self.dtype) if isinstance(module, _ConvNd | nn.Linear) else weight


class _Autocast(nn.Module):
    """Calls a network under autocast and gives its logits in the precision of the images."""

    def __init__(self, dtype: torch.dtype, network: nn.Module) -> None:
        super().__init__()
        self.dtype = dtype
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        return call_in(self.dtype, self.network, images)
