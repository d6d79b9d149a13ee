"""A network called with other tensors in place of its parameters."""

from collections.abc import Callable, Mapping

from torch import Tensor, nn
from torch.func import functional_call


class WeightOverride(nn.Module):
    """Calls a network with other tensors in place of some of its parameters, which stay as they are.

    Args:
        network: the network to call.
        weights: tensors by the names of the parameters that they replace.
    """

    def __init__(self, network: nn.Module, weights: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.network = network
        self.weights = dict(weights)

    def forward(self, images: Tensor) -> Tensor:
        """The logits (B, classes) of images (B, C, *spatial)."""
        logits: Tensor = functional_call(self.network, self.weights, (images,))
        return logits


def override_weights(network: nn.Module, change: Callable[[nn.Module, Tensor], Tensor]) -> WeightOverride:
    """Change the weights that a network is called with.

    Args:
        network: any network, also one whose weights are overridden already.
        change: maps a module and one of its own parameters (or its override) to the tensor to use instead; it
            returns the parameter itself to leave it.

    Returns:
        The network, called with the changed weights.

    Example:
        >>> override_weights(nn.Linear(1, 1, bias=False), lambda module, weight: weight * 0)(torch.ones(1, 1))
        tensor([[0.]])
    """
    inner, weights = (network.network, dict(network.weights)) if isinstance(network, WeightOverride) else (network, {})
    for prefix, module in inner.named_modules():
        for name, parameter in module.named_parameters(prefix=prefix, recurse=False):
            before = weights.get(name, parameter.detach())
            after = change(module, before)
            if after is not before:
                weights[name] = after
    return WeightOverride(inner, weights)
