"""What a file's header tells of its image."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

from PIL import Image

from custom.data.check_images import ImageFacts
from custom.data.data_hash import content_sha256
from custom.data.decoded_image import UnreadableImageError
from custom.data.image_format import HEAD_BYTES, PILLOW_FORMATS, READABLE, SERIES, VOLUME, identify
from custom.data.read_image import orientation_of

_BITS = {"I": 32, "F": 32}
_GRAY = ("1", "L", "LA", "La", "I", "F")
SWAPPING = (5, 6, 7, 8)
"""EXIF orientations that swap width and height."""


def read_header(content: bytes) -> ImageFacts:
    """Describe an image without decoding its pixels: values and perceptual hash stay 0.

    Args:
        content: the whole file, which is hashed.

    Raises:
        UnreadableImageError: it is not an image, or its header is damaged.

    """
    kind = identify(content[:HEAD_BYTES])
    sha256 = hashlib.sha256(content).hexdigest()
    if kind is None:
        raise UnreadableImageError(f"it is not an image that can be read ({READABLE})" if content else "it is empty")
    if kind == VOLUME:
        return ImageFacts((), 32, 1, 0.0, 0.0, VOLUME, sha256, stored_bytes=len(content))
    if kind == "DICOM":
        return _dicom(content, sha256)
    try:
        with Image.open(io.BytesIO(content), formats=PILLOW_FORMATS) as image:
            size, mode = image.size, image.mode
            orientation = orientation_of(image)
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise UnreadableImageError(f"it is damaged ({str(error).split(' <')[0]})") from error
    return ImageFacts(
        size=size[::-1] if orientation in SWAPPING else size,
        bits=16 if mode.startswith("I;16") else _BITS.get(mode, 8),
        channels=1 if mode in _GRAY or mode.startswith("I;16") else 3,
        low=0.0,
        high=0.0,
        format=kind,
        sha256=sha256,
        orientation=orientation,
        stored_bytes=len(content),
    )


def read_series_header(folder: Path) -> ImageFacts:
    """Describe a DICOM series, as :func:`read_header` does an image.

    Args:
        folder: holds its slices.

    """
    size = sum(file.stat().st_size for file in folder.iterdir())
    return ImageFacts((), 32, 1, 0.0, 0.0, SERIES, content_sha256(folder).hexdigest(), stored_bytes=size)


def _dicom(content: bytes, sha256: str) -> ImageFacts:
    # Here: whoever has only photographs needs no pydicom.
    from custom.data.dicom_pixels import MONOCHROME, bits_of, read_dicom_header

    dataset = read_dicom_header(content)
    return ImageFacts(
        size=(int(dataset.Columns), int(dataset.Rows)),
        bits=bits_of(dataset),
        channels=1 if dataset.PhotometricInterpretation in MONOCHROME else 3,
        low=0.0,
        high=0.0,
        format="DICOM",
        sha256=sha256,
        patient=str(dataset.get("PatientID", "") or "").strip(),
        stored_bytes=len(content),
    )
