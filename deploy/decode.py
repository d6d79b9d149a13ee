"""The pixels of a DICOM photograph as RGB."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.encaps import generate_frames
from pydicom.pixels import convert_color_space, get_decoder, pixel_array
from pydicom.uid import JPEG2000, UID, JPEG2000Lossless, JPEGBaseline8Bit, JPEGExtended12Bit

from deploy.refusal import RefusalError

_JPEG = (JPEGBaseline8Bit, JPEGExtended12Bit)
_JPEG_2000 = (JPEG2000, JPEG2000Lossless)


def decode_frame(dataset: Any, syntax: UID) -> NDArray[np.uint8]:
    """Decode the only frame of a data set.

    JPEG is decoded by Pillow, so that a photograph in DICOM gives the very pixels that its JPEG file gives. Colour
    profiles (ICC) are not applied, as in training.

    Args:
        dataset: a data set whose header is checked, see :func:`deploy.read_dicom.check_header`.
        syntax: its transfer syntax.

    Returns:
        Pixels (H, W, 3), RGB.

    Raises:
        RefusalError: nothing here decodes the transfer syntax, or the pixel data are damaged.

    """
    try:
        available = get_decoder(syntax).is_available if syntax.is_encapsulated else True
    except (NotImplementedError, ValueError):
        available = False
    if not available:
        raise RefusalError(f"its transfer syntax {syntax.name} is not supported")
    photometric = str(dataset.PhotometricInterpretation)
    try:
        if syntax in _JPEG or syntax in _JPEG_2000:
            frame = next(generate_frames(dataset.PixelData, number_of_frames=1))
            pixels = decode_jpeg(frame, photometric) if syntax in _JPEG else decode_jpeg_2000(frame, photometric)
        else:
            pixels = pixel_array(dataset, raw=True)
            if photometric.startswith("YBR_FULL"):
                pixels = convert_color_space(pixels, "YBR_FULL", "RGB")
    except RefusalError:
        raise
    except Exception as error:  # Decoders raise whatever they like.
        raise RefusalError(f"its pixel data are damaged ({str(error).split(' <')[0]})") from error
    expected = (int(dataset.Rows), int(dataset.Columns), 3)
    if pixels.shape != expected:
        raise RefusalError(f"its pixel data are an array of {pixels.shape}, but its header says {expected}")
    return np.ascontiguousarray(pixels, dtype=np.uint8)


def decode_jpeg(frame: bytes, photometric: str) -> NDArray[np.uint8]:
    """Decode a JPEG stream to RGB.

    A stream that says itself how its colours are stored (by a JFIF or an Adobe marker, or components named R, G and
    B) is believed; else the header's photometric interpretation counts.

    Args:
        frame: the stream.
        photometric: the header's photometric interpretation.

    Returns:
        Pixels (H, W, 3), RGB.

    Raises:
        OSError: the stream is damaged.
        RefusalError: it holds no three channels.

    """
    with Image.open(io.BytesIO(frame), formats=["JPEG"]) as image:
        if image.mode != "RGB":
            raise RefusalError(f"its pixel data are a JPEG of mode {image.mode} instead of RGB")
        components = bytes(layer[0] for layer in getattr(image, "layer", ()))
        if photometric == "RGB" and not {"jfif", "adobe"} & set(image.info) and components != b"RGB":
            # libjpeg takes it for YCbCr; asked for that, it gives the values as they are.
            image.draft("YCbCr", image.size)
            return np.array(image)
        return np.array(image.convert("RGB"))


def decode_jpeg_2000(frame: bytes, photometric: str) -> NDArray[np.uint8]:
    """Decode a JPEG 2000 stream to RGB.

    Args:
        frame: the stream; the colour transforms of YBR_ICT and YBR_RCT are part of it and undone by the decoder.
        photometric: the header's photometric interpretation.

    Returns:
        Pixels (H, W, 3), RGB.

    Raises:
        OSError: the stream is damaged.
        RefusalError: it holds no three channels.

    """
    with Image.open(io.BytesIO(frame), formats=["JPEG2000"]) as image:
        if image.mode != "RGB":
            raise RefusalError(f"its pixel data are a JPEG 2000 image of mode {image.mode} instead of RGB")
        pixels = np.array(image)
    return convert_color_space(pixels, "YBR_FULL", "RGB") if photometric.startswith("YBR_FULL") else pixels
