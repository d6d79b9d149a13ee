"""The part of a source's header that its outputs inherit."""

from __future__ import annotations

import copy
from typing import Any

from pydicom.dataset import Dataset

CHARACTER_SET = "ISO_IR 192"
_SEXES = ("M", "F", "O", "")
_REQUIRED = (
    "PatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
    "AccessionNumber",
    "StudyID",
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
)
_IMAGE = (
    "AnatomicRegionSequence",
    "BodyPartExamined",
    "BurnedInAnnotation",
    "FrameOfReferenceUID",
    "ImageLaterality",
    "Laterality",
    "LongitudinalTemporalInformationModified",
    "PatientOrientation",
    "PixelSpacing",
    "PositionReferenceIndicator",
    "RecognizableVisualFeatures",
)


def inheritable(header: Any) -> Dataset:
    """Prepare a source's header for being inherited.

    Args:
        header: the source's data set.

    Returns:
        A copy in UTF-8, with the attributes of patient and study that every object must have, empty where the source
        lacks them.

    """
    result = copy.deepcopy(header)
    result.decode()
    result.SpecificCharacterSet = CHARACTER_SET
    for keyword in _REQUIRED:
        if keyword not in result:
            setattr(result, keyword, "")
    if str(result.PatientSex or "") not in _SEXES:
        # Other values are not DICOM, and would make the outputs so.
        result.PatientSex = ""
    return result


def copy_image_attributes(source: Any, target: Dataset) -> None:
    """Copy what stays true of an image of the same pixels: place, orientation, size, and what is seen in them.

    Whether annotations are burned in that identify the patient is known only where the source says so.

    Args:
        source: the source's data set.
        target: gets the attributes that the source has.

    """
    for keyword in _IMAGE:
        if keyword in source:
            target[keyword] = copy.deepcopy(source[keyword])
    if "ImageLaterality" in source:
        # The two exclude each other.
        target.pop("Laterality", None)
