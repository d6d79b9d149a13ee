"""Noise of sensors and of transmission."""

from __future__ import annotations

import torch
from torch import Tensor


def gaussian_noise(image: Tensor, spread: float, generator: torch.Generator) -> Tensor:
    """Add normal noise of this standard deviation, as a sensor in the dark does."""
    return image + spread * torch.randn(image.shape, generator=generator)


def speckle_noise(image: Tensor, spread: float, generator: torch.Generator) -> Tensor:
    """Add normal noise in proportion to the value."""
    return image + spread * image * torch.randn(image.shape, generator=generator)


def shot_noise(image: Tensor, photons: float, generator: torch.Generator) -> Tensor:
    """Draw each value from a Poisson distribution, of which 1 is this number of photons."""
    return torch.poisson(image * photons, generator=generator) / photons


def impulse_noise(image: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Set this share of the values to 0 or 1, each as often (salt and pepper)."""
    draw = torch.rand(image.shape, generator=generator)
    return torch.where(draw < share, (draw < share / 2).to(image), image)
