"""The gradient of a depthwise convolution in bfloat16 and float16."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from custom.acceleration.cpu.module_replacement import ModuleReplacement


class FlippedDepthwise(ModuleReplacement):
    """Compute the bfloat16 (float16) gradient of a depthwise convolution by another depthwise convolution.

    A processor with bfloat16 in hardware has kernels for depthwise convolutions, but for their gradients it may
    have none: with a stride of two they took 50 times as long as in float32. The gradient of a convolution's input is a
    convolution of the output's gradient, with zeros for the pixels that the stride left out, by the flipped kernel.
    Exact: the same products are summed in another order. Gradients in float32 stay as they are.

    Example:
        >>> network = nn.Sequential(nn.Conv2d(8, 8, 3, stride=2, padding=1, groups=8))
        >>> FlippedDepthwise().network(network, torch.rand(1, 8, 4, 4))[0]
        DepthwiseConvolution(
          (convolution): Conv2d(8, 8, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), groups=8)
        )
    """

    def replacement(self, module: nn.Module) -> nn.Module | None:
        """A :class:`DepthwiseConvolution` for a convolution with one filter per channel."""
        if type(module) is not nn.Conv2d or not 1 < module.groups == module.in_channels == module.out_channels:
            return None
        if module.padding_mode != "zeros" or isinstance(module.padding, str) or module.dilation != (1, 1):
            return None
        # The flipped kernel would have to be shifted by less than nothing.
        inside = all(padding < size for padding, size in zip(module.padding, module.kernel_size, strict=True))
        return DepthwiseConvolution(module) if inside else None


class DepthwiseConvolution(nn.Module):
    """Replaces a convolution; its weights get no gradient.

    Args:
        convolution: two-dimensional, with one filter per channel, no dilation, padded with fewer zeros than its
            kernel has rows and columns.
    """

    def __init__(self, convolution: nn.Conv2d) -> None:
        super().__init__()
        self.convolution = convolution

    def forward(self, values: Tensor) -> Tensor:
        """Map values (B, C, H, W) as the convolution does."""
        own = self.convolution
        found: Tensor = _Convolve.apply(values, own.weight, own.bias, own.stride, own.padding)
        return found


class _Convolve(torch.autograd.Function):
    """A depthwise convolution with the gradient of its input only."""

    @staticmethod
    def forward(
        ctx: Any,
        values: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        stride: tuple[int, int],
        padding: tuple[int, int],
    ) -> Tensor:
        ctx.save_for_backward(values, weight)
        ctx.stride, ctx.padding = stride, padding
        return F.conv2d(values, weight, bias, stride, padding, groups=len(weight))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        values, weight = ctx.saved_tensors
        weight = weight.to(gradient.dtype)
        if gradient.element_size() > 2:
            found = own_gradient(gradient, values, weight, ctx.stride, ctx.padding)
        else:
            found = input_gradient(gradient, weight, values.shape, ctx.stride, ctx.padding)
        return found.to(values.dtype), None, None, None, None


def own_gradient(
    gradient: Tensor, values: Tensor, weight: Tensor, stride: tuple[int, int], padding: tuple[int, int]
) -> Tensor:
    """Gradient of a depthwise convolution's input ``values`` as torch computes it."""
    found: Tensor = torch.ops.aten.convolution_backward(
        gradient, values, weight, None, stride, padding, (1, 1), False, (0, 0), len(weight), (True, False, False)
    )[0]
    return found


def input_gradient(
    gradient: Tensor, weight: Tensor, shape: tuple[int, ...], stride: tuple[int, int], padding: tuple[int, int]
) -> Tensor:
    """Gradient of a depthwise convolution's input, by a depthwise convolution of stride 1.

    Args:
        gradient: gradient of the output, (B, C, H', W').
        weight: (C, 1, height, width).
        shape: of the input, (B, C, H, W).
        stride: by direction.
        padding: zeros on either side, by direction, fewer than the kernel's size.

    Returns:
        Gradient of the input, (B, C, H, W).

    Example:
        >>> input_gradient(torch.ones(1, 1, 1, 1), torch.arange(4.0).view(1, 1, 2, 2), (1, 1, 2, 2), (2, 2), (0, 0))
        tensor([[[[0., 1.],
                  [2., 3.]]]])
    """
    kernel = weight.shape[2:]
    if stride != (1, 1):
        # Where an output of stride 1 would have been.
        rows, columns = (
            size + 2 * zeros - length + 1 for size, zeros, length in zip(shape[2:], padding, kernel, strict=True)
        )
        spread = gradient.new_zeros(len(gradient), rows, columns, len(weight)).permute(0, 3, 1, 2)
        spread[:, :, :: stride[0], :: stride[1]] = gradient
        gradient = spread
    rest = [length - 1 - zeros for length, zeros in zip(kernel, padding, strict=True)]
    return F.conv2d(gradient, weight.flip(2, 3), padding=rest, groups=len(weight))
