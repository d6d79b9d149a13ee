"""What storing and sending an image does to it."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F
from torchvision.io import ImageReadMode, decode_image, encode_jpeg


def jpeg_compression(image: Tensor, quality: int, generator: torch.Generator) -> Tensor:
    """Store as JPEG of this quality, from 1 to 100, and read back."""
    stored = encode_jpeg((image * 255).round().clamp(0, 255).to(torch.uint8), quality=quality)
    mode = ImageReadMode.GRAY if len(image) == 1 else ImageReadMode.RGB
    return decode_image(stored, mode=mode).float() / 255


def pixelate(image: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Reduce height and width to this share by averaging, and magnify back without interpolation."""
    height, width = image.shape[-2:]
    small = max(1, int(height * share)), max(1, int(width * share))
    reduced = F.interpolate(image[None], size=small, mode="area")
    return F.interpolate(reduced, size=(height, width), mode="nearest-exact")[0]
