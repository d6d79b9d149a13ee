"""Images with the channels last in memory."""

import torch
from torch import Tensor

from custom.attacks.accelerations.acceleration import Acceleration

LAYOUTS = {4: torch.channels_last, 5: torch.channels_last_3d}


class ChannelsLast(Acceleration):
    """Lay images out with the channels last in memory; convolutions then keep that layout to the end.

    Exact: only the order in memory changes. One-dimensional images stay as they are.

    Example:
        >>> ChannelsLast().images(torch.rand(2, 3, 8, 8)).stride()
        (192, 1, 24, 3)
    """

    def images(self, images: Tensor) -> Tensor:
        """The images, channels last."""
        layout = LAYOUTS.get(images.ndim)
        return images if layout is None else images.contiguous(memory_format=layout)
