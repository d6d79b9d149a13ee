"""The one rule by which image files are read, for training, evaluation, inference and deployment."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps

from custom.data.decoded_image import DecodedImage, UnreadableImageError
from custom.data.image_format import HEAD_BYTES, PILLOW_FORMATS, READABLE, VOLUME, identify

_CONVERTIBLE = ("1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr")
_LFS_POINTER = b"version https://git-lfs"
_PNG_BIT_DEPTH = 24
"""Where PNG keeps its bit depth."""
_TIFF_BITS_PER_SAMPLE = 258


def read_image(path: str | os.PathLike[str]) -> DecodedImage:
    """Read an image file; see :func:`decode_image` for the rule.

    Args:
        path: the file.

    Raises:
        UnreadableImageError: it is not a single 2-D image, is damaged, or cannot be opened.

    Example::

        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "a.png"
        >>> Image.new("I;16", (4, 3), 40000).save(file)
        >>> image = read_image(file)
        >>> image.pixels.shape, image.bits, int(image.pixels.max())
        ((3, 4), 16, 40000)

    """
    try:
        return decode_image(Path(path).read_bytes())
    except FileNotFoundError:
        raise UnreadableImageError("there is no such file") from None
    except OSError as error:
        raise UnreadableImageError(f"it cannot be read ({error.strerror})") from error


def decode_image(content: bytes) -> DecodedImage:
    """Decode an image.

    - The format shows in the content, not in the name.
    - A palette becomes the colors it stands for; CMYK and YCbCr become RGB; color profiles (ICC) are not applied.
    - An alpha channel is composed on white.
    - EXIF's orientation is applied.
    - 8-, 16- and 32-bit values stay as they are; what they mean is up to the data set's intensity window.
    - DICOM: see :func:`custom.data.dicom_pixels.decode_dicom`.

    Args:
        content: the whole file.

    Returns:
        The image.

    Raises:
        UnreadableImageError: it is not a single 2-D image, has 16 bits per color channel, or is damaged.

    """
    if not content:
        raise UnreadableImageError("it is empty")
    kind = identify(content[:HEAD_BYTES])
    if kind == VOLUME:
        raise UnreadableImageError(
            "it is a NIfTI volume, but a 2-D image is needed: volumes need bundle/configs/volume.json"
        )
    if content.startswith(_LFS_POINTER):
        raise UnreadableImageError("it is a Git LFS pointer in place of the file: `git lfs pull` fetches that")
    if kind is None:
        raise UnreadableImageError(f"it is not an image that can be read ({READABLE})")
    if kind == "DICOM":
        # Whoever reads only photographs can do without pydicom.
        from custom.data.dicom_pixels import decode_dicom

        return decode_dicom(content)
    try:
        with Image.open(io.BytesIO(content), formats=PILLOW_FORMATS) as image:
            _refuse_frames(image)
            _refuse_deep_colors(image, content)
            image.load()
            orientation = orientation_of(image)
            upright = ImageOps.exif_transpose(image)
    except UnreadableImageError:
        raise
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise UnreadableImageError(f"it is damaged ({str(error).split(' <')[0]})") from error
    pixels, bits = _values(upright)
    return DecodedImage(pixels, bits, kind, len(content), orientation=orientation)


def orientation_of(image: Image.Image) -> int:
    """EXIF's orientation of an open image, 1 to 8; 1 if there is none that makes sense."""
    orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    return orientation if orientation in range(1, 9) else 1


def _refuse_frames(image: Image.Image) -> None:
    frames = getattr(image, "n_frames", 1)
    # The further images of an MPO, a JPEG of some cameras, are previews or the other eye's view.
    if frames > 1 and image.format != "MPO":
        raise UnreadableImageError(f"it has {frames} frames, but a single image is needed")


def _refuse_deep_colors(image: Image.Image, content: bytes) -> None:
    """Pillow gives 16-bit colors as 8-bit ones, silently."""
    if image.mode.startswith("I") or image.mode == "F":
        return
    deep = image.format == "PNG" and content[_PNG_BIT_DEPTH] == 16
    if image.format == "TIFF":
        deep = max(image.tag_v2.get(_TIFF_BITS_PER_SAMPLE, (8,))) > 8  # type: ignore[attr-defined]
    if deep:
        raise UnreadableImageError("it has 16 bits per color channel, of which only 8 can be read")


def _values(image: Image.Image) -> tuple[NDArray[Any], int]:
    """An image's values, and the bits per sample."""
    if image.mode.startswith("I;16"):
        return np.array(image).astype(np.uint16), 16
    if image.mode in ("I", "F"):
        return np.array(image), 32
    gray = image.mode in ("1", "L", "LA", "La")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    if image.mode not in _CONVERTIBLE:
        raise UnreadableImageError(f"its colors are {image.mode}, which cannot be converted to RGB")
    return np.array(image.convert("L" if gray else "RGB")), 8
