"""Blur of focus and of movement.

Sizes are those of images of 224 pixels; they scale with the image's shorter side.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F
from torchvision.transforms.functional import gaussian_blur

REFERENCE_SIZE = 224


def scale(image: Tensor) -> float:
    """How large the image is in comparison with the one that parameters are made for."""
    return min(image.shape[-2:]) / REFERENCE_SIZE


def defocus_blur(image: Tensor, radius_and_alias: tuple[float, float], generator: torch.Generator) -> Tensor:
    """Average over a disk, as a lens out of focus does; its edge is blurred against aliasing."""
    radius, alias = radius_and_alias
    radius = max(radius * scale(image), 0.5)
    reach = max(1, math.ceil(radius))
    axis = torch.arange(-reach, reach + 1, dtype=torch.float32)
    disk = ((axis[:, None] ** 2 + axis[None, :] ** 2) <= radius**2).float()
    disk = gaussian_blur(disk[None], [3, 3], [alias, alias])[0]
    return _filtered(image, disk / disk.sum())


def motion_blur(image: Tensor, radius_and_sigma: tuple[float, float], generator: torch.Generator) -> Tensor:
    """Average along a line in a random direction within 45 degrees, weighted by a normal distribution."""
    radius, sigma = (max(value * scale(image), 0.5) for value in radius_and_sigma)
    angle = math.radians(float(torch.rand(1, generator=generator)) * 90 - 45)
    reach = max(1, math.ceil(radius))
    kernel = torch.zeros(2 * reach + 1, 2 * reach + 1)
    # The shutter opens at the image as it is, and closes at the end of the line.
    for step in torch.linspace(0, radius, 4 * reach + 1).tolist():
        row, column = reach + round(step * math.sin(angle)), reach + round(step * math.cos(angle))
        kernel[row, column] += math.exp(-(step**2) / (2 * sigma**2))
    return _filtered(image, kernel / kernel.sum())


def zoom_blur(image: Tensor, largest_and_step: tuple[float, float], generator: torch.Generator) -> Tensor:
    """Average over magnifications from 1 to the largest, as a hand that moves towards the skin does."""
    largest, step = largest_and_step
    factors = torch.arange(1, largest + step / 2, step).tolist()
    total = image.clone()
    for factor in factors:
        total += _zoomed(image, factor)
    return total / (len(factors) + 1)


def _zoomed(image: Tensor, factor: float) -> Tensor:
    height, width = image.shape[-2:]
    inner = max(1, math.ceil(height / factor)), max(1, math.ceil(width / factor))
    top, left = (height - inner[0]) // 2, (width - inner[1]) // 2
    part = image[None, :, top : top + inner[0], left : left + inner[1]]
    return F.interpolate(part, size=(height, width), mode="bilinear", align_corners=False)[0]


def _filtered(image: Tensor, kernel: Tensor) -> Tensor:
    """Correlate each channel with a square kernel; the border is reflected, or repeated if the image is small."""
    reach = kernel.shape[0] // 2
    mode = "reflect" if reach < min(image.shape[-2:]) else "replicate"
    padded = F.pad(image[:, None], (reach,) * 4, mode=mode)
    return F.conv2d(padded, kernel[None, None])[:, 0]
