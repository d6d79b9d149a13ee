"""Depthwise convolutions that autocast should leave alone."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

CONVOLUTIONS = (F.conv1d, F.conv2d, F.conv3d)


class StridedDepthwiseInFloat32(TorchFunctionMode):
    """Inside, strided depthwise convolutions on a CPU are computed in float32, also under autocast.

    Their gradients have no bfloat16 kernels: they took 50 times as long as in float32.

    Example:
        >>> values, weight = torch.rand(1, 2, 4, 4), torch.rand(2, 1, 2, 2)
        >>> with torch.autocast("cpu", torch.bfloat16), StridedDepthwiseInFloat32():
        ...     [F.conv2d(values, weight, stride=stride, groups=2).dtype for stride in (1, 2)]
        [torch.bfloat16, torch.float32]
    """

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Call ``func``, in float32 if it is such a convolution."""
        kwargs = kwargs or {}
        if func not in CONVOLUTIONS or not _is_strided_depthwise(*args, **kwargs):
            return func(*args, **kwargs)
        with torch.autocast("cpu", enabled=False):
            return func(*map(_to_float32, args), **{name: _to_float32(value) for name, value in kwargs.items()})


def _to_float32(value: Any) -> Any:
    """A tensor in float32, and anything else as it is."""
    return value.float() if isinstance(value, Tensor) else value


def _is_strided_depthwise(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | tuple[int, ...] = 1,
    padding: str | int | tuple[int, ...] = 0,
    dilation: int | tuple[int, ...] = 1,
    groups: int = 1,
) -> bool:
    """Whether the arguments of a convolution describe a strided depthwise one on a CPU."""
    strides = (stride,) if isinstance(stride, int) else stride
    return input.device.type == "cpu" and 1 < groups == len(weight) == input.shape[1] and max(strides) > 1
