"""Light and exposure."""

from __future__ import annotations

import torch
from torch import Tensor
from torchvision.transforms.functional import adjust_brightness, adjust_contrast


def brightness(image: Tensor, factor: float, generator: torch.Generator) -> Tensor:
    """Multiply all values by a factor."""
    return adjust_brightness(image, factor)


def contrast(image: Tensor, factor: float, generator: torch.Generator) -> Tensor:
    """Move all values away from (above 1) or towards (below 1) the image's mean gray."""
    return adjust_contrast(image, factor)
