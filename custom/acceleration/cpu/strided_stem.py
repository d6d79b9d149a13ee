"""The gradient of the images through a first convolution that strides over them."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from custom.acceleration.cpu.module_replacement import ModuleReplacement

# Gray and color images, with or without opacity.
MOST_CHANNELS = 4
# Channels that processors compute side by side.
LANES = 8


class StridedStem(ModuleReplacement):
    r"""Compute the images' gradient through a strided first convolution without its stride.

    Convolutions work on many channels at once, and images have three. With blocks of s x s pixels as channels, a
    convolution of stride s is one of stride 1 with s * s times the channels, and so is its gradient, which
    takes less than half the time that way. Exact: the same products are summed in another order. The forward pass
    stays as it is, as do convolutions that have more channels, groups, a dilation or no stride.

    Example:
        >>> network = nn.Sequential(nn.Conv2d(3, 8, 7, stride=2, padding=3), nn.ReLU())
        >>> StridedStem().network(network, torch.rand(1, 3, 32, 32))[0]
        StridedConvolution(
          (convolution): Conv2d(3, 8, kernel_size=(7, 7), stride=(2, 2), padding=(3, 3))
        )
    """

    def replacement(self, module: nn.Module) -> nn.Module | None:
        """A :class:`StridedConvolution` for a strided convolution of few channels."""
        if type(module) is not nn.Conv2d or module.in_channels > MOST_CHANNELS or module.groups != 1:
            return None
        if module.stride[0] != module.stride[1] or module.stride[0] == 1 or module.dilation != (1, 1):
            return None
        plain = module.padding_mode == "zeros" and not isinstance(module.padding, str)
        return StridedConvolution(module) if plain else None


class StridedConvolution(nn.Module):
    """Replaces a convolution; its weights get no gradient.

    Args:
        convolution: two-dimensional, of equal strides, without groups or dilation, padded with zeros.
    """

    def __init__(self, convolution: nn.Conv2d) -> None:
        super().__init__()
        self.convolution = convolution

    def forward(self, images: Tensor) -> Tensor:
        """Map images (B, C, H, W) as the convolution does."""
        own = self.convolution
        found: Tensor = _Convolve.apply(images, own.weight, own.bias, own.stride[0], own.padding)
        return found


class _Convolve(torch.autograd.Function):
    """A convolution with the gradient of its input only."""

    @staticmethod
    def forward(
        ctx: Any, images: Tensor, weight: Tensor, bias: Tensor | None, stride: int, padding: tuple[int, int]
    ) -> Tensor:
        ctx.save_for_backward(weight)
        ctx.size, ctx.dtype, ctx.stride, ctx.padding = images.shape[2:], images.dtype, stride, padding
        return F.conv2d(images, weight, bias, stride, padding)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        (weight,) = ctx.saved_tensors
        found = input_gradient(gradient, weight.to(gradient.dtype), ctx.size, ctx.stride, ctx.padding)
        return found.to(ctx.dtype), None, None, None, None


def input_gradient(
    gradient: Tensor, weight: Tensor, size: tuple[int, int], stride: int, padding: tuple[int, int]
) -> Tensor:
    """Gradient of a strided convolution's input, by a convolution of stride 1 on blocks of pixels.

    Pixel ``stride * block + rest`` meets the output ``o`` by the weight ``stride * (block - o) + rest + padding``.
    Shifted by zeros until the padding is a multiple of the stride, both indices split into blocks and rests.

    Args:
        gradient: gradient of the output, (B, K, H', W').
        weight: (K, C, height, width).
        size: height and width of the input.
        stride: in both directions, >= 1.
        padding: zeros on either side, by direction.

    Returns:
        Gradient of the input, (B, C, *size).

    Example:
        >>> input_gradient(torch.ones(1, 1, 1, 1), torch.arange(4.0).view(1, 1, 2, 2), (2, 2), 2, (0, 0))
        tensor([[[[0., 1.],
                  [2., 3.]]]])
    """
    channels = weight.shape[1]
    before = [-one % stride for one in padding]
    behind = [-(length + more) % stride for length, more in zip(weight.shape[2:], before, strict=True)]
    weight = F.pad(weight, (before[1], behind[1], before[0], behind[0]))
    # Channels of a multiple of what is computed side by side: the additional ones are zero.
    weight = F.pad(F.pixel_unshuffle(weight, stride), (0, 0, 0, 0, 0, -channels * stride**2 % LANES))
    blocks = F.conv_transpose2d(gradient, weight.contiguous(memory_format=torch.channels_last))
    # The first blocks lie in the padding, and the last pixels may have met no weight.
    top, left = ((one + more) // stride for one, more in zip(padding, before, strict=True))
    rows, columns = (-(-length // stride) for length in size)
    bottom, right = rows + top - blocks.shape[2], columns + left - blocks.shape[3]
    blocks = F.pad(blocks[:, : channels * stride**2], (-left, right, -top, bottom))
    return F.pixel_shuffle(blocks, stride)[:, :, : size[0], : size[1]]
