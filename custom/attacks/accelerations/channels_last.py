"""Images and weights with the channels last in memory."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.func import functional_call

from custom.attacks.accelerations.acceleration import Acceleration

LAYOUTS = {4: torch.channels_last, 5: torch.channels_last_3d}


class ChannelsLast(Acceleration):
    """Lay images and weights out with the channels last in memory; convolutions keep that layout to the end.

    Exact: only the order in memory changes. The network's own weights stay as they are: the attack calls it
    with copies. One-dimensional images stay as they are.

    Example:
        >>> ChannelsLast().images(torch.rand(2, 3, 8, 8)).stride()
        (192, 1, 24, 3)
    """

    def network(self, network: nn.Module, images: Tensor) -> nn.Module:
        """The network, called with weights whose channels are last."""
        weights = {
            name: laid_out(weight.detach()) for name, weight in network.named_parameters() if weight.ndim == images.ndim
        }
        return _WithWeights(network, weights) if images.ndim in LAYOUTS else network

    def images(self, images: Tensor) -> Tensor:
        """The images, channels last."""
        return laid_out(images)


def laid_out(values: Tensor) -> Tensor:
    """The same values, channels last where the rank has such a layout."""
    layout = LAYOUTS.get(values.ndim)
    return values if layout is None else values.contiguous(memory_format=layout)


class _WithWeights(nn.Module):
    """Calls a network with other tensors in the place of its parameters."""

    def __init__(self, network: nn.Module, weights: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.network = network
        self.weights = dict(weights)

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = functional_call(self.network, self.weights, (images,))
        return logits
