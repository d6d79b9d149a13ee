"""Images and weights with the channels last in memory."""

import torch
from torch import Tensor, nn

from custom.acceleration.acceleration import Acceleration
from custom.acceleration.weight_override import override_weights

LAYOUTS = {4: torch.channels_last, 5: torch.channels_last_3d}


class ChannelsLast(Acceleration):
    """Store images and weights with the channels last in memory; convolutions keep that layout to the end.

    Exact: only the order in memory changes. The network's own weights stay as they are: the attack calls it
    with copies. One-dimensional images stay as they are.

    Example:
        >>> ChannelsLast().images(torch.rand(2, 3, 8, 8)).stride()
        (192, 1, 24, 3)
    """

    def network(self, network: nn.Module, images: Tensor) -> nn.Module:
        """The network, called with weights whose channels are last."""
        if images.ndim not in LAYOUTS:
            return network
        return override_weights(
            network, lambda _module, weight: to_channels_last(weight) if weight.ndim == images.ndim else weight
        )

    def images(self, images: Tensor) -> Tensor:
        """The images, channels last."""
        return to_channels_last(images)


def channels_last_network(network: nn.Module) -> nn.Module:
    """Store a network's own weights with the channels last in memory, for images and for volumes.

    ``network.to(memory_format=...)`` takes a layout of only one rank.

    Args:
        network: any network; changed in place.

    Returns:
        The network.

    Example:
        >>> channels_last_network(nn.Conv3d(2, 4, 3)).weight.stride()
        (54, 1, 18, 6, 2)
    """
    for parameter in network.parameters():
        parameter.data = to_channels_last(parameter.data)
    return network


def to_channels_last(values: Tensor) -> Tensor:
    """The same values, channels last if the rank has such a layout."""
    layout = LAYOUTS.get(values.ndim)
    return values if layout is None else values.contiguous(memory_format=layout)
