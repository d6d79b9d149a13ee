"""A network in which faster modules replace some of its own."""

import copy
from abc import abstractmethod

from torch import Tensor, nn

from custom.acceleration.acceleration import Acceleration
from custom.acceleration.network_cache import NetworkCache
from custom.acceleration.weight_override import WeightOverride


class ModuleReplacement(Acceleration):
    """Compute some modules of a network in a faster way; the network itself stays as it is.

    A subclass implements :meth:`replacement`. Replacements hold the module that they replace and read its
    parameters when they are called, so they follow every training step. The copy of the network, which shares all
    its other modules, is made once. A module with hooks stays, since they may change what it computes. For the
    CPU only: other devices have kernels of their own.
    """

    def __init__(self) -> None:
        self._cache: NetworkCache[nn.Module] = NetworkCache()

    @abstractmethod
    def replacement(self, module: nn.Module) -> nn.Module | None:
        """What to call instead of a module, or None to leave it.

        Args:
            module: any module of the network but the network itself, containers included.
        """

    def network(self, network: nn.Module, images: Tensor) -> nn.Module:
        """The network with the replacements; itself, if there is nothing to replace.

        Raises:
            ValueError: another acceleration calls the network with weights whose names a replacement changes.
        """
        if isinstance(network, WeightOverride):
            raise ValueError(
                f"{type(self).__name__} replaces modules, so in accelerations it must come before ChannelsLast and "
                "ReducedPrecision, which change their weights."
            )
        if images.device.type != "cpu":
            return network
        replaced = self._cache.get(network, network.modules(), lambda: self._copy(network))
        return network if replaced is None else replaced

    def _copy(self, network: nn.Module) -> nn.Module | None:
        """The network with the replacements, if there are any."""
        replaced = self._replace(network)
        return None if replaced is network else replaced

    def _replace(self, network: nn.Module) -> nn.Module:
        """Copy what leads to a replaced module, and share the rest."""
        children = {}
        for name, child in network.named_children():
            hooked = child._forward_hooks or child._forward_pre_hooks
            children[name] = (None if hooked else self.replacement(child)) or self._replace(child)
        if all(child is network._modules[name] for name, child in children.items()):
            return network
        clone = copy.copy(network)
        clone._modules = {**network._modules, **children}
        return clone
