"""ReLU and ReLU6 in the memory of their input."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from custom.acceleration.cpu.module_replacement import ModuleReplacement

# The bit patterns of positive floats, read as integers, are in the same order, and those of negative floats are
# negative. So bfloat16 and float16 are clamped as int16, which a processor compares several times faster.
SIX = {dtype: int(torch.tensor(6.0, dtype=dtype).view(torch.int16)) for dtype in (torch.bfloat16, torch.float16)}


class InPlaceReLU(ModuleReplacement):
    """Clamp in the input's own memory if a network asks for ReLU or ReLU6 in place.

    torch's own in-place ReLU6 works on a copy, which it copies back, and in bfloat16 and float16 both go by way
    of float32. Exact, except that a NaN may come out as a number.

    Example:
        >>> InPlaceReLU().network(nn.Sequential(nn.ReLU6(inplace=True)), torch.rand(1, 3))
        Sequential(
          (0): ClampedInPlace()
        )
    """

    def replacement(self, module: nn.Module) -> nn.Module | None:
        """A module that does the same, for a ReLU or ReLU6 that may write over its input."""
        if isinstance(module, nn.ReLU6) and module.inplace:
            return ClampedInPlace()
        return RectifiedInPlace() if isinstance(module, nn.ReLU) and module.inplace else None


class ClampedInPlace(nn.Module):
    """Clamps to [0, 6] in place."""

    def forward(self, values: Tensor) -> Tensor:
        """Write the clamped values over ``values``, of any shape, and return them."""
        clamped: Tensor = _Clamp.apply(values)
        return clamped


class RectifiedInPlace(nn.Module):
    """Clamps to [0, infinity) in place."""

    def forward(self, values: Tensor) -> Tensor:
        """Write the clamped values over ``values``, of any shape, and return them."""
        rectified: Tensor = _Rectify.apply(values) if values.dtype in SIX else values.relu_()
        return rectified


class _Clamp(torch.autograd.Function):
    """Clamps to [0, 6] in place, and lets the gradient pass between the two."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        if values.dtype in SIX:
            values.view(torch.int16).clamp_(0, SIX[values.dtype])
        else:
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


class _Rectify(torch.autograd.Function):
    """Clamps bfloat16 or float16 to [0, infinity) in place; the gradient of what is above zero passes."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        values.view(torch.int16).clamp_min_(0)
        ctx.mark_dirty(values)
        ctx.save_for_backward(values)
        return values

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        (values,) = ctx.saved_tensors
        passed: Tensor = torch.ops.aten.threshold_backward(gradient, values, 0)
        return passed
