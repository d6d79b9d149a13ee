"""The pixels of a DICOM image."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from PIL import Image
from pydicom.encaps import generate_frames
from pydicom.errors import InvalidDicomError
from pydicom.pixels import apply_color_lut, apply_modality_lut, convert_color_space, get_decoder, pixel_array
from pydicom.uid import (
    JPEG2000,
    UID,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    MediaStorageDirectoryStorage,
)

from custom.data.decoded_image import DecodedImage, UnreadableImageError

_JPEG = (JPEGBaseline8Bit, JPEGExtended12Bit)
_JPEG_2000 = (JPEG2000, JPEG2000Lossless)


COLOR = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")
MONOCHROME = ("MONOCHROME1", "MONOCHROME2")
PALETTE = "PALETTE COLOR"


def decode_dicom(content: bytes) -> DecodedImage:
    """Decode a DICOM file that holds one 2-D image.

    - Colors are given as RGB, 8 bits per channel. A JPEG stream is decoded by Pillow, so that a photograph in DICOM
      gives the very pixels that its JPEG file gives. Color profiles (ICC) are not applied.
    - A palette becomes the colors it stands for, 8 bits per channel.
    - Monochrome values go through the modality transform (rescale slope and intercept, for instance to Hounsfield
      units); MONOCHROME1 is inverted, so that larger always means brighter. The header's own display windows are not
      applied: they differ from image to image.

    Args:
        content: the file.

    Returns:
        The image, with its header.

    Raises:
        UnreadableImageError: it holds no single 2-D image, nothing here decodes its transfer syntax, or it is damaged.

    """
    dataset = read_dicom_header(content)
    pixels = decode_frame(dataset, UID(dataset.file_meta.TransferSyntaxUID))
    stored_bytes = len(dataset.PixelData)
    del dataset.PixelData
    return DecodedImage(pixels, bits_of(dataset), "DICOM", stored_bytes, dataset)


def read_dicom_header(content: bytes) -> Any:
    """Read a DICOM file without decoding its pixels, and check that they can be decoded.

    A file without the preamble and the prefix ``DICM`` is read, too; without a transfer syntax it is taken for little
    endian, as the standard says.

    Args:
        content: the file.

    Returns:
        The data set, with a transfer syntax.

    Raises:
        UnreadableImageError: it holds no single 2-D image that is read here, or is damaged.

    """
    try:
        bare = content[128:132] != b"DICM"
        dataset = pydicom.dcmread(io.BytesIO(content), force=bare)
        if bare and "TransferSyntaxUID" not in dataset.file_meta:
            implicit = dataset.original_encoding[0]
            dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
        check_pixel_header(dataset)
    except UnreadableImageError:
        raise
    except (InvalidDicomError, AttributeError, EOFError, OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableImageError(f"its DICOM header is damaged ({str(error).splitlines()[0]})") from error
    return dataset


def bits_of(dataset: Any) -> int:
    """Bits per sample of an image that was decoded: 8, 16 or 32; the colors of a palette have 8.

    Args:
        dataset: a data set whose header is checked.

    """
    if dataset.PhotometricInterpretation == PALETTE:
        return 8
    return next(bits for bits in (8, 16, 32) if dataset.BitsStored <= bits)


def check_pixel_header(dataset: Any) -> None:
    """Raise unless the header describes one 2-D image that can be read.

    Args:
        dataset: the DICOM data set.

    Raises:
        UnreadableImageError: with the first reason found.

    """
    if dataset.file_meta.get("MediaStorageSOPClassUID") == MediaStorageDirectoryStorage:
        raise UnreadableImageError("it is a DICOMDIR, the directory of a medium, not an image")
    if "PixelData" not in dataset:
        kind = UID(str(dataset.get("SOPClassUID", ""))).name or "of no known kind"
        raise UnreadableImageError(f"it has no pixel data ({kind})")
    rows, columns = (int(dataset.get(keyword) or 0) for keyword in ("Rows", "Columns"))
    if not rows or not columns:
        raise UnreadableImageError(f"it has {rows} rows and {columns} columns, so no pixels")
    frames = int(dataset.get("NumberOfFrames") or 1)
    if frames != 1:
        raise UnreadableImageError(f"it has {frames} frames, but a single image is needed")
    photometric = str(dataset.get("PhotometricInterpretation", "missing"))
    samples = dataset.get("SamplesPerPixel")
    single = (*MONOCHROME, PALETTE)
    if (photometric, samples) not in {*((name, 3) for name in COLOR), *((name, 1) for name in single)}:
        raise UnreadableImageError(
            f"its photometric interpretation is {photometric} with {samples} samples per pixel: only "
            f"{', '.join(COLOR + single)} are read"
        )
    allocated, stored = dataset.get("BitsAllocated"), dataset.get("BitsStored")
    bits = f"it has {allocated} bits per sample, of which {stored} are used"
    if not isinstance(allocated, int) or not isinstance(stored, int) or not 8 <= stored <= allocated <= 32:
        raise UnreadableImageError(f"{bits}, which cannot be read")
    unsigned = dataset.get("PixelRepresentation", 0) == 0
    if samples == 3 and (allocated, stored, unsigned) != (8, 8, True):
        raise UnreadableImageError(f"{bits}: only 8 unsigned bits per color channel can be read")
    if photometric == PALETTE and (not unsigned or "RedPaletteColorLookupTableDescriptor" not in dataset):
        raise UnreadableImageError("it is an index of colors, whose palette is missing or which has a sign")
    if stored == 8 and not unsigned:
        raise UnreadableImageError(f"{bits}, with a sign: only unsigned ones can be read")


def decode_frame(dataset: Any, syntax: UID) -> NDArray[Any]:
    """Decode the only frame of a data set.

    Args:
        dataset: a data set whose header is checked, see :func:`check_pixel_header`.
        syntax: its transfer syntax.

    Returns:
        Pixels (H, W, 3), RGB, uint8; or (H, W), after the modality transform.

    Raises:
        UnreadableImageError: nothing here decodes the transfer syntax, or the pixel data are damaged.

    """
    try:
        available = get_decoder(syntax).is_available if syntax.is_encapsulated else True
    except (NotImplementedError, ValueError):
        available = False
    if not available:
        raise UnreadableImageError(f"its transfer syntax {syntax.name} is not supported")
    photometric = str(dataset.PhotometricInterpretation)
    color = not photometric.startswith("MONOCHROME")
    try:
        if color and (syntax in _JPEG or syntax in _JPEG_2000):
            frame = next(generate_frames(dataset.PixelData, number_of_frames=1))
            pixels = decode_jpeg(frame, photometric) if syntax in _JPEG else decode_jpeg_2000(frame, photometric)
        else:
            pixels = pixel_array(dataset, raw=True)
            if photometric.startswith("YBR_FULL"):
                pixels = convert_color_space(pixels, "YBR_FULL", "RGB")
            if photometric == PALETTE:
                colors = apply_color_lut(pixels, dataset)
                # A palette of 16 bits has its colors in the upper ones.
                pixels = (colors >> 8 if colors.dtype == np.uint16 else colors).astype(np.uint8)
        if not color:
            pixels = _bright_is_large(pixels, dataset)
    except UnreadableImageError:
        raise
    except Exception as error:  # Decoders raise whatever they like.
        raise UnreadableImageError(f"its pixel data are damaged ({str(error).split(' <')[0]})") from error
    expected = (int(dataset.Rows), int(dataset.Columns), *((3,) if color else ()))
    if pixels.shape != expected:
        raise UnreadableImageError(f"its pixel data are an array of {pixels.shape}, but its header says {expected}")
    return np.ascontiguousarray(pixels, dtype=np.uint8 if color else pixels.dtype)


def _bright_is_large(stored: NDArray[Any], dataset: Any) -> NDArray[Any]:
    """Stored monochrome values after the modality transform, inverted for MONOCHROME1."""
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        # The complement within the stored bits, which keeps the range.
        stored = -1 - stored if dataset.get("PixelRepresentation", 0) else (2**dataset.BitsStored - 1) - stored
    return apply_modality_lut(stored, dataset)


def decode_jpeg(frame: bytes, photometric: str) -> NDArray[np.uint8]:
    """Decode a JPEG stream to RGB.

    A stream that says itself how its colors are stored (by a JFIF or an Adobe marker, or components named R, G and
    B) is believed; else the header's photometric interpretation counts.

    Args:
        frame: the stream.
        photometric: the header's photometric interpretation.

    Returns:
        Pixels (H, W, 3), RGB.

    Raises:
        OSError: the stream is damaged.
        UnreadableImageError: it holds no three channels.

    """
    with _opened_rgb(frame, "JPEG") as image:
        components = bytes(layer[0] for layer in getattr(image, "layer", ()))
        if photometric == "RGB" and not {"jfif", "adobe"} & set(image.info) and components != b"RGB":
            # libjpeg takes it for YCbCr; asked for that, it gives the values as they are.
            image.draft("YCbCr", image.size)
            return np.array(image)
        return np.array(image.convert("RGB"))


def decode_jpeg_2000(frame: bytes, photometric: str) -> NDArray[np.uint8]:
    """Decode a JPEG 2000 stream to RGB.

    Args:
        frame: the stream; the color transforms of YBR_ICT and YBR_RCT are part of it and undone by the decoder.
        photometric: the header's photometric interpretation.

    Returns:
        Pixels (H, W, 3), RGB.

    Raises:
        OSError: the stream is damaged.
        UnreadableImageError: it holds no three channels.

    """
    with _opened_rgb(frame, "JPEG2000") as image:
        pixels = np.array(image)
    return convert_color_space(pixels, "YBR_FULL", "RGB") if photometric.startswith("YBR_FULL") else pixels


@contextmanager
def _opened_rgb(frame: bytes, form: str) -> Iterator[Image.Image]:
    """Open a stream of one of Pillow's forms, which must have the three channels of RGB."""
    with Image.open(io.BytesIO(frame), formats=[form]) as image:
        if image.mode != "RGB":
            raise UnreadableImageError(f"its pixel data are {form} of mode {image.mode} instead of RGB")
        yield image
