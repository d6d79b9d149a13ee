"""DICOM files as pixels and a header, or one sentence that says why not."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.errors import InvalidDicomError
from pydicom.uid import (
    JPEG2000,
    UID,
    DermoscopicPhotographyImageStorage,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLSNearLossless,
    MediaStorageDirectoryStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
    SecondaryCaptureImageStorage,
    VLPhotographicImageStorage,
)

from deploy.case import Lossy
from deploy.decode import decode_frame
from deploy.notices import APPLICATION
from deploy.refusal import RefusalError

PHOTOGRAPHS = (
    VLPhotographicImageStorage,
    DermoscopicPhotographyImageStorage,
    SecondaryCaptureImageStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
)
PHOTOMETRIC = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")
_LOSSY_METHODS = {
    JPEGBaseline8Bit: "ISO_10918_1",
    JPEGExtended12Bit: "ISO_10918_1",
    JPEG2000: "ISO_15444_1",
    JPEGLSNearLossless: "ISO_14495_1",
}
_IDENTIFIERS = ("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID")


def read_dicom(content: bytes) -> tuple[Any, NDArray[np.uint8], Lossy | None]:
    """Read a photograph.

    Args:
        content: a DICOM file.

    Returns:
        The header, a data set without pixels; pixels (H, W, 3), RGB; and how the image lost information.

    Raises:
        RefusalError: it is no single RGB or YBR photograph of 8 bits, it lacks what outputs must refer to, or it is
            damaged.

    """
    try:
        dataset = pydicom.dcmread(io.BytesIO(content))
        syntax = UID(dataset.file_meta.TransferSyntaxUID)
    except (InvalidDicomError, AttributeError, EOFError, OSError, ValueError, KeyError) as error:
        raise RefusalError(f"its DICOM header is damaged ({error})") from error
    check_header(dataset)
    pixels = decode_frame(dataset, syntax)
    lossy = _lossy(dataset, syntax, pixels.size)
    del dataset.PixelData
    return dataset, pixels, lossy


def check_header(dataset: Any) -> None:
    """Raise unless the header describes one RGB or YBR photograph of 8 bits that outputs can refer to.

    Args:
        dataset: the DICOM data set.

    Raises:
        RefusalError: with the first reason found.

    """
    if dataset.file_meta.get("MediaStorageSOPClassUID") == MediaStorageDirectoryStorage:
        raise RefusalError("it is a DICOMDIR, the directory of a medium, and no image")
    for keyword in _IDENTIFIERS:
        if not UID(str(dataset.get(keyword, ""))).is_valid:
            raise RefusalError(f"its {keyword} is {str(dataset.get(keyword, '')) or 'missing'}, which is no valid UID")
    kind = UID(dataset.SOPClassUID)
    if "PixelData" not in dataset:
        raise RefusalError(f"it has no pixel data ({kind.name})")
    if kind not in PHOTOGRAPHS:
        raise RefusalError(f"it is a {kind.name}: only {', '.join(known.name for known in PHOTOGRAPHS)} are read")
    if dataset.get("ManufacturerModelName") == APPLICATION:
        raise RefusalError("it is an overlay that this application made")
    rows, columns = (int(dataset.get(keyword) or 0) for keyword in ("Rows", "Columns"))
    if not rows or not columns:
        raise RefusalError(f"it has {rows} rows and {columns} columns, so no pixels")
    frames = int(dataset.get("NumberOfFrames") or 1)
    if frames != 1:
        raise RefusalError(f"it has {frames} frames: only single images can be classified")
    photometric = str(dataset.get("PhotometricInterpretation", "missing"))
    if photometric.startswith("MONOCHROME") or dataset.get("SamplesPerPixel") == 1:
        raise RefusalError(f"it is monochrome ({photometric}): only RGB images can be classified")
    bits = dataset.get("BitsAllocated"), dataset.get("BitsStored")
    if bits != (8, 8) or dataset.get("PixelRepresentation", 0) != 0:
        raise RefusalError(
            f"it has {bits[0]} bits a sample, of which {bits[1]} are used: only 8 unsigned bits can be read"
        )
    if photometric not in PHOTOMETRIC or dataset.get("SamplesPerPixel") != 3:
        raise RefusalError(f"its photometric interpretation is {photometric}: only {', '.join(PHOTOMETRIC)} are read")


def _lossy(dataset: Any, syntax: UID, size: int) -> Lossy | None:
    """What the header says of lossy compression; where it is silent, what the transfer syntax does."""
    if str(dataset.get("LossyImageCompression", "")) == "01":
        ratios, methods = (
            _several(dataset.get(key)) for key in ("LossyImageCompressionRatio", "LossyImageCompressionMethod")
        )
        if ratios:
            return Lossy(tuple(map(float, ratios)), tuple(map(str, methods)))
    declared_lossless = str(dataset.get("LossyImageCompression", "")) == "00" and syntax == JPEG2000
    if syntax in _LOSSY_METHODS and not declared_lossless:
        return Lossy((round(size / len(dataset.PixelData), 2),), (_LOSSY_METHODS[syntax],))
    return None


def _several(value: Any) -> list[Any]:
    """The values of an attribute that may have none, one or several."""
    if value is None or value == "":
        return []
    return list(value) if not isinstance(value, (str, float)) else [value]
