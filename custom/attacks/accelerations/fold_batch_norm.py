"""BatchNorm as part of the convolution before it."""

import logging

from torch import Tensor, nn

from custom.attacks.accelerations.acceleration import Acceleration
from custom.attacks.accelerations.folded_network import FoldedNetwork, agrees, fold
from custom.attacks.accelerations.kept_copy import KeptCopy

logger = logging.getLogger(__name__)


class FoldBatchNorm(Acceleration):
    """Fold BatchNorm into the convolution before it, which saves its passes over memory.

    In evaluation mode BatchNorm is a fixed scale and shift. The network is traced once and the folded copy
    kept; its weights are worked out anew at every attack, since training moves them. Exact up to rounding. In
    training mode, and where there is nothing to fold or it cannot be traced, the network is called as it is;
    the log says so.

    Example:
        >>> network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU()).eval()
        >>> FoldBatchNorm().network(network, torch.rand(1, 3, 8, 8))
        GraphModule(
          (2): ReLU()
          (folded_0): Conv2d(3, 4, kernel_size=(3, 3), stride=(1, 1))
        )
    """

    def __init__(self) -> None:
        self._folded: KeptCopy[FoldedNetwork] = KeptCopy()

    def network(self, network: nn.Module, images: Tensor) -> nn.Module:
        """The folded copy, with the network's present weights."""
        if network.training:
            return network
        parts = (*network.modules(), *network.parameters(), *network.buffers())
        folded = self._folded.get(network, parts, lambda: self._fold(network, images))
        if folded is None:
            return network
        folded.refresh()
        return folded.module

    def _fold(self, network: nn.Module, images: Tensor) -> FoldedNetwork | None:
        """The folded copy, or none where that brings nothing or goes wrong."""
        folded = fold(network)
        if not folded.pairs:
            logger.info("%s has no BatchNorm to fold.", type(network).__name__)
            return None
        folded.refresh()
        if not agrees(folded.module, network, images):
            logger.warning("%s gives other logits when folded, so it is not.", type(network).__name__)
            return None
        return folded
