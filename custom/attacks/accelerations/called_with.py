"""A network called with other tensors in the place of its parameters."""

from collections.abc import Callable, Mapping

from torch import Tensor, nn
from torch.func import functional_call


class CalledWith(nn.Module):
    """Calls a network with other tensors in the place of some of its parameters, which stay as they are.

    Args:
        network: what to call.
        weights: tensors by the names of the parameters that they stand for.
    """

    def __init__(self, network: nn.Module, weights: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.network = network
        self.weights = dict(weights)

    def forward(self, images: Tensor) -> Tensor:
        """The logits (B, classes) of images (B, C, *spatial)."""
        logits: Tensor = functional_call(self.network, self.weights, (images,))
        return logits


def called_with(network: nn.Module, change: Callable[[nn.Module, Tensor], Tensor]) -> CalledWith:
    """Change the weights that a network is called with.

    Args:
        network: any network, also one that is called with other weights already.
        change: gets a module and one of its own parameters, or what stands for it, and gives what is to stand
            for it from now on: itself, where it stays.

    Returns:
        The network, called with what was changed.

    Example:
        >>> called_with(nn.Linear(1, 1, bias=False), lambda module, weight: weight * 0)(torch.ones(1, 1))
        tensor([[0.]])
    """
    own, weights = (network.network, dict(network.weights)) if isinstance(network, CalledWith) else (network, {})
    for name, module in own.named_modules():
        for last, parameter in module.named_parameters(prefix=name, recurse=False):
            before = weights.get(last, parameter.detach())
            after = change(module, before)
            if after is not before:
                weights[last] = after
    return CalledWith(own, weights)
