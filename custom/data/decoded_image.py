"""An image in the values that its file stores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


class UnreadableImageError(ValueError):
    """A file is not an image that can be read; the message says why, in words that follow the file's name."""


@dataclass(frozen=True)
class DecodedImage:
    """An image in the values that its file stores.

    Args:
        pixels: shape (H, W) for a monochrome image, else (H, W, 3), RGB.
        bits: bits per sample: 8, 16 (9 to 16 stored bits) or 32 (also floating point).
        format: the file's format, as :func:`custom.data.image_format.identify` calls it.
        stored_bytes: bytes that the pixels take in the file, for an image file all of it.
        header: the data set of a DICOM file, without its pixels.
        orientation: EXIF's orientation that was applied, 1 to 8; 1 for none.

    """

    pixels: NDArray[Any]
    bits: int
    format: str
    stored_bytes: int
    header: Any = None
    orientation: int = 1

    @property
    def rgb(self) -> NDArray[Any]:
        """Shape (H, W, 3); the three channels of a monochrome image are equal."""
        return self.pixels if self.pixels.ndim == 3 else np.repeat(self.pixels[..., None], 3, axis=-1)
