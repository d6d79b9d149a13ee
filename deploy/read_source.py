"""Reading any file as an image, or saying why not."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deploy.case import Lossy, Source
from deploy.refusal import RefusalError


def read_source(path: Path, name: str, intensity: Mapping[str, Any] | None = None) -> Source:
    """Read an image by the rule of the training; what it is shows in its content, not in its name.

    Args:
        path: the file.
        name: what to call it in messages.
        intensity: the bundle's intensity window; ``None`` for 8 bits from 0 to 255.

    Returns:
        The image.

    Raises:
        RefusalError: it is not a single image, the window is for other images, or it is damaged.

    """
    # Here, since the package comes with the bundle, which is found after this module was imported.
    from custom.data.intensity import IntensityWindow
    from custom.data.load_image import require_bits
    from custom.data.read_image import UnreadableImageError, decode_image

    window = IntensityWindow.from_mapping(intensity)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RefusalError(f"it cannot be read ({error.strerror})") from error
    try:
        image = decode_image(content)
        lossy = None
        if image.header is not None:
            from deploy.read_dicom import check_header, lossy_compression

            check_header(image.header)
            lossy = lossy_compression(image.header, image.pixels.size, image.stored_bytes)
        require_bits(image, window.bits)
    except UnreadableImageError as error:
        raise RefusalError(str(error)) from error
    pixels = image.rgb
    if image.format == "JPEG":
        lossy = Lossy((round(pixels.size / len(content), 2),), ("ISO_10918_1",))
    sha256 = hashlib.sha256(content).hexdigest()
    values = None if window.bits == 8 else pixels
    return Source(name, displayed(pixels, window.low, window.high), sha256, image.header, lossy, values)


def displayed(values: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    """Values as they are shown: the window goes to 0 to 255."""
    if values.dtype == np.uint8:
        return values
    return np.round(255 * np.clip((values.astype(np.float64) - low) / (high - low), 0, 1)).astype(np.uint8)
