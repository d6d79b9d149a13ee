"""JPEG and PNG files as pixels."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from deploy.case import Lossy
from deploy.refusal import RefusalError

_PNG_BIT_DEPTH = 24
"""Where PNG keeps its bit depth. Pillow does not tell it: it gives 16-bit colours as 8-bit ones."""


def read_picture(content: bytes) -> tuple[NDArray[np.uint8], Lossy | None]:
    """Decode a picture file exactly as the training did: by Pillow, without rotation or colour profile.

    Args:
        content: the file.

    Returns:
        Pixels (H, W, 3), RGB; and how a JPEG lost information.

    Raises:
        RefusalError: it has several frames, one channel, 16 bits a channel, or is damaged.

    """
    try:
        with Image.open(io.BytesIO(content)) as image:
            frames = getattr(image, "n_frames", 1)
            if frames > 1:
                raise RefusalError(f"it has {frames} frames: only single images can be classified")
            if image.mode.startswith("I;16") or (image.format == "PNG" and content[_PNG_BIT_DEPTH] == 16):
                raise RefusalError("it has 16 bits a channel: only 8 bits can be read")
            if image.mode in ("1", "L", "LA"):
                raise RefusalError("it is monochrome: only RGB images can be classified")
            if image.mode not in ("RGB", "RGBA", "P"):
                raise RefusalError(f"its colours are {image.mode}: only RGB images can be classified")
            pixels = np.array(image.convert("RGB"))
            compressed = image.format == "JPEG"
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise RefusalError(f"it is damaged ({str(error).split(' <')[0]})") from error
    return pixels, Lossy((round(pixels.size / len(content), 2),), ("ISO_10918_1",)) if compressed else None
