"""Images and weights with the channels last in memory."""

import torch
from torch import Tensor, nn

from custom.attacks.accelerations.acceleration import Acceleration
from custom.attacks.accelerations.called_with import called_with

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
        if images.ndim not in LAYOUTS:
            return network
        return called_with(network, lambda _module, weight: laid_out(weight) if weight.ndim == images.ndim else weight)

    def images(self, images: Tensor) -> Tensor:
        """The images, channels last."""
        return laid_out(images)


def laid_out(values: Tensor) -> Tensor:
    """The same values, channels last where the rank has such a layout."""
    layout = LAYOUTS.get(values.ndim)
    return values if layout is None else values.contiguous(memory_format=layout)
