"""What else a DICOM image must be, so that results can refer to it."""

from __future__ import annotations

from typing import Any

from pydicom.uid import (
    JPEG2000,
    UID,
    ComputedRadiographyImageStorage,
    DermoscopicPhotographyImageStorage,
    DigitalMammographyXRayImageStorageForPresentation,
    DigitalXRayImageStorageForPresentation,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLSNearLossless,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
    SecondaryCaptureImageStorage,
    UltrasoundImageStorage,
    VLPhotographicImageStorage,
)

from deploy.case import Lossy
from deploy.notices import APPLICATION
from deploy.refusal import RefusalError

IMAGES = (
    VLPhotographicImageStorage,
    DermoscopicPhotographyImageStorage,
    SecondaryCaptureImageStorage,
    MultiFrameTrueColorSecondaryCaptureImageStorage,
    ComputedRadiographyImageStorage,
    DigitalXRayImageStorageForPresentation,
    DigitalMammographyXRayImageStorageForPresentation,
    UltrasoundImageStorage,
)
_LOSSY_METHODS = {
    JPEGBaseline8Bit: "ISO_10918_1",
    JPEGExtended12Bit: "ISO_10918_1",
    JPEG2000: "ISO_15444_1",
    JPEGLSNearLossless: "ISO_14495_1",
}
_IDENTIFIERS = ("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID")


def check_header(dataset: Any) -> None:
    """Raise unless outputs can refer to the image.

    Args:
        dataset: the DICOM data set, whose pixels could be read.

    Raises:
        RefusalError: with the first reason found.

    """
    for keyword in _IDENTIFIERS:
        if not UID(str(dataset.get(keyword, ""))).is_valid:
            found = str(dataset.get(keyword, "")) or "missing"
            raise RefusalError(f"its {keyword} is {found}, which is not a valid UID")
    kind = UID(dataset.SOPClassUID)
    if kind not in IMAGES:
        raise RefusalError(f"it is a {kind.name}: only {', '.join(known.name for known in IMAGES)} are read")
    if dataset.get("ManufacturerModelName") == APPLICATION:
        raise RefusalError("it is an overlay that this application made")


def lossy_compression(dataset: Any, size: int, stored: int) -> Lossy | None:
    """What the header says of lossy compression; if it is silent, what the transfer syntax does.

    Args:
        dataset: the DICOM data set.
        size: number of the pixels' values.
        stored: bytes that they take in the file.

    Returns:
        The compression; ``None`` for none that is known.
    """
    syntax = UID(dataset.file_meta.TransferSyntaxUID)
    if str(dataset.get("LossyImageCompression", "")) == "01":
        ratios, methods = (
            _several(dataset.get(key)) for key in ("LossyImageCompressionRatio", "LossyImageCompressionMethod")
        )
        if ratios:
            return Lossy(tuple(map(float, ratios)), tuple(map(str, methods)))
    declared_lossless = str(dataset.get("LossyImageCompression", "")) == "00" and syntax == JPEG2000
    if syntax in _LOSSY_METHODS and not declared_lossless:
        return Lossy((round(size / stored, 2),), (_LOSSY_METHODS[syntax],))
    return None


def _several(value: Any) -> list[Any]:
    """The values of an attribute that may have none, one or several."""
    if value is None or value == "":
        return []
    return list(value) if not isinstance(value, (str, float)) else [value]
