"""BatchNorm as part of the convolution before it."""

import logging

from torch import Tensor, nn

from custom.acceleration.acceleration import Acceleration
from custom.acceleration.folded_network import FoldedNetwork, agrees, fold
from custom.acceleration.network_cache import NetworkCache

logger = logging.getLogger(__name__)


class FoldBatchNorm(Acceleration):
    """Fold BatchNorm into the convolution before it, which saves its passes over memory.

    In evaluation mode BatchNorm is a fixed scale and shift. The network is traced once and the folded copy
    kept; its weights are recomputed at every attack, since training changes them. Exact up to rounding. In
    training mode, and if there is nothing to fold or folding changes the logits, the network is called as it is,
    and the log says so.

    Example:
        >>> network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU()).eval()
        >>> FoldBatchNorm().network(network, torch.rand(1, 3, 8, 8))
        GraphModule(
          (2): ReLU()
          (folded_0): Conv2d(3, 4, kernel_size=(3, 3), stride=(1, 1))
        )
    """

    def __init__(self) -> None:
        self._cache: NetworkCache[FoldedNetwork] = NetworkCache()

    def network(self, network: nn.Module, images: Tensor) -> nn.Module:
        """The folded copy, with the network's present weights."""
        if network.training:
            return network
        parts = (*network.modules(), *network.parameters(), *network.buffers())
        folded = self._cache.get(network, parts, lambda: self._fold(network, images))
        if folded is None:
            return network
        folded.refresh()
        return folded.module

    def _fold(self, network: nn.Module, images: Tensor) -> FoldedNetwork | None:
        """The folded copy; None if there is nothing to fold or the folded logits differ."""
        folded = fold(network)
        if not folded.pairs:
            logger.info("%s has no BatchNorm to fold.", type(network).__name__)
            return None
        folded.refresh()
        if not agrees(folded.module, network, images):
            logger.warning("%s has other logits when folded, so it is left as it is.", type(network).__name__)
            return None
        return folded
