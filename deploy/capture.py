"""The overlay as a DICOM secondary capture."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import numpy as np
from highdicom import SOPClass
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid
from pydicom.valuerep import DSfloat

from deploy import __version__
from deploy.case import Finding, Model, Source
from deploy.header import CHARACTER_SET, copy_image_attributes, inheritable
from deploy.notices import APPLICATION, all_notices


def build_capture(
    finding: Finding, overlay: NDArray[np.uint8], model: Model, place: Mapping[str, str | int]
) -> Dataset:
    """Make a secondary capture of an overlay.

    Args:
        finding: what the overlay shows.
        overlay: the overlay, shape (H, W, 3), RGB, uint8, pixel by pixel over the source.
        model: the model that the map explains.
        place: its series and identifiers, see :meth:`deploy.series.SeriesBook.place`.

    Returns:
        The data set, in the study of the source; of an image file in a study of its own, without patient.

    """
    source = finding.source
    header = None if source.header is None else inheritable(source.header)
    now = datetime.datetime.now()
    capture = SOPClass(
        study_instance_uid=generate_uid(prefix=None) if header is None else header.StudyInstanceUID,
        sop_class_uid=SecondaryCaptureImageStorage,
        modality="OT" if header is None else str(header.get("Modality") or "OT"),
        manufacturer=APPLICATION,
        manufacturer_model_name=APPLICATION,
        software_versions=__version__,
        transfer_syntax_uid=ExplicitVRLittleEndian,
        specific_character_set=CHARACTER_SET,
        series_description="Grad-CAM, not for clinical use",
        study_date=now.date() if header is None else None,
        study_time=now.time() if header is None else None,
        content_date=now.date(),
        content_time=now.time(),
        **place,
    )
    capture.ImageType = ["DERIVED", "SECONDARY"]
    capture.ConversionType = "WSD"
    # Empty says that nobody knows; the source may know more.
    capture.Laterality, capture.PatientOrientation = None, None
    capture.DateOfSecondaryCapture, capture.TimeOfSecondaryCapture = capture.ContentDate, capture.ContentTime
    capture.ImageComments = all_notices(finding)
    capture.DerivationDescription = (
        f"Grad-CAM for the class {finding.prediction.class_name} by {model.name} {model.version}, laid over the "
        f"source. {all_notices(finding)}"
    )[:1024]
    if header is not None:
        capture.copy_patient_and_study_information(header)
        copy_image_attributes(header, capture)
        _refer(capture, source.header)
    _set_lossy(capture, source)
    _set_pixels(capture, overlay)
    return capture


def _refer(capture: Dataset, header: Any) -> None:
    """Refer to the image that the overlay was made of."""
    instance = Dataset()
    instance.ReferencedSOPClassUID = header.SOPClassUID
    instance.ReferencedSOPInstanceUID = header.SOPInstanceUID
    series = Dataset()
    series.SeriesInstanceUID = header.SeriesInstanceUID
    series.ReferencedInstanceSequence = [instance]
    capture.ReferencedSeriesSequence = [series]
    image = Dataset()
    image.update(instance)
    image.SpatialLocationsPreserved = "YES"
    code = codes.DCM.SourceImageForImageProcessingOperation
    purpose = Dataset()
    purpose.CodeValue, purpose.CodingSchemeDesignator, purpose.CodeMeaning = code.value, "DCM", code.meaning
    image.PurposeOfReferenceCodeSequence = [purpose]
    capture.SourceImageSequence = [image]


def _set_lossy(capture: Dataset, source: Source) -> None:
    """Once lost, information stays lost: the overlay says so as its source does."""
    capture.LossyImageCompression = "00" if source.lossy is None else "01"
    if source.lossy is not None:
        capture.LossyImageCompressionRatio = [DSfloat(ratio, auto_format=True) for ratio in source.lossy.ratios]
        if source.lossy.methods:
            capture.LossyImageCompressionMethod = list(source.lossy.methods)


def _set_pixels(capture: Dataset, overlay: NDArray[np.uint8]) -> None:
    capture.Rows, capture.Columns, capture.SamplesPerPixel = overlay.shape
    capture.PhotometricInterpretation = "RGB"
    capture.PlanarConfiguration = 0
    capture.BitsAllocated, capture.BitsStored, capture.HighBit, capture.PixelRepresentation = 8, 8, 7, 0
    pixels = overlay.tobytes()
    capture.PixelData = pixels + b"\0" * (len(pixels) % 2)
    capture["PixelData"].VR = "OB"
