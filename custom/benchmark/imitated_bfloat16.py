"""The rounding of bfloat16, on processors that do not compute with it."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from custom.attacks.accelerations.module_replacement import ModuleReplacement


class ImitatedBfloat16(ModuleReplacement):
    """Round what convolutions and linear layers read and write to bfloat16, and compute in 32 bits between.

    bfloat16 hardware multiplies rounded numbers and adds in 32 bits, so this attacks as
    :class:`~custom.attacks.accelerations.ReducedPrecision` does there, without being faster: it tells what the
    rounding does to trained networks where there is no such hardware.

    Example:
        >>> network = ImitatedBfloat16().network(nn.Sequential(nn.Linear(1, 1)), torch.rand(1, 1))
        >>> network[0]
        Rounded(
          (module): Linear(in_features=1, out_features=1, bias=True)
        )
    """

    exact = False

    def replacement(self, module: nn.Module) -> nn.Module | None:
        """A :class:`Rounded` for a convolution or a linear layer."""
        return Rounded(module) if isinstance(module, nn.Conv2d | nn.Linear) else None


class Rounded(nn.Module):
    """Calls a module with its input, its parameters and its output rounded, and so their gradients.

    Args:
        module: what to call.
    """

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, values: Tensor) -> Tensor:
        """Map ``values`` as the module does, rounded."""
        parameters = {name: rounded(parameter) for name, parameter in self.module.named_parameters()}
        return rounded(functional_call(self.module, parameters, (rounded(values),)))


def rounded(values: Tensor) -> Tensor:
    """The nearest numbers of bfloat16, in the dtype of ``values``; gradients are rounded likewise.

    Example:
        >>> rounded(torch.tensor([1.0, 1.001, 1.006]))
        tensor([1.0000, 1.0000, 1.0078])
    """
    found: Tensor = _Round.apply(values)
    return found


class _Round(torch.autograd.Function):
    """Rounds on the way there and back."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        return values.bfloat16().to(values.dtype)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return gradient.bfloat16().to(gradient.dtype)
