"""ReLU6 in the place of its input."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from custom.attacks.accelerations.module_replacement import ModuleReplacement


class InPlaceReLU6(ModuleReplacement):
    """Clamp in the input's own memory where a network asks for ReLU6 in place.

    torch's own in-place ReLU6 works on a copy, which it copies back. Exact.

    Example:
        >>> InPlaceReLU6().network(nn.Sequential(nn.ReLU6(inplace=True)), torch.rand(1, 3))
        Sequential(
          (0): ClampedInPlace()
        )
    """

    def replacement(self, module: nn.Module) -> nn.Module | None:
        """A :class:`ClampedInPlace` for a ReLU6 that may write over its input."""
        return ClampedInPlace() if isinstance(module, nn.ReLU6) and module.inplace else None


class ClampedInPlace(nn.Module):
    """Clamps to [0, 6] in place."""

    def forward(self, values: Tensor) -> Tensor:
        """Write the clamped values over ``values``, of any shape, and return them."""
        clamped: Tensor = _Clamp.apply(values)
        return clamped


class _Clamp(torch.autograd.Function):
    """Clamps to [0, 6] in place, and lets the gradient pass between the two."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        values.clamp_(0.0, 6.0)
        ctx.mark_dirty(values)
        ctx.save_for_backward(values)
        return values

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        (values,) = ctx.saved_tensors
        passed: Tensor = torch.ops.aten.hardtanh_backward(gradient, values, 0.0, 6.0)
        return passed
