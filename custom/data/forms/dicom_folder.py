"""A folder of DICOM files whose headers hold the labels."""

from __future__ import annotations

import io

import pydicom
from pydicom.errors import InvalidDicomError

from custom.data.class_names import sort_class_names
from custom.data.forms.recognized import Recognized
from custom.data.image_format import HEAD_BYTES, identify
from custom.data.sample import Sample
from custom.data.sources import Sources


def is_dicom_folder(sources: Sources) -> bool:
    """Tell whether all images are DICOM files."""
    kinds = set()
    for file in sources.files:
        try:
            kinds.add(identify(sources.head(file, HEAD_BYTES)))
        except OSError:
            continue
        if kinds - {None, "DICOM"}:
            return False
    return "DICOM" in kinds


def read_dicom_folder(sources: Sources, attribute: str) -> Recognized:
    """Take an attribute of the headers for the label, and the patient for the group.

    Args:
        sources: the files.
        attribute: DICOM's keyword, for instance ``BodyPartExamined``.

    Raises:
        ValueError: there are fewer than two labels.

    """
    result = Recognized(f"DICOM files with labels in {attribute}", [], [], grouped_by="PatientID")
    found: list[tuple[str, Sample]] = []
    for file in sources.files:
        try:
            content = sources.read(file)
            if identify(content[:HEAD_BYTES]) != "DICOM":
                result.left_out[file.short] = "it is not a DICOM file"
                continue
            header = pydicom.dcmread(io.BytesIO(content), stop_before_pixels=True, force=True)
        except (OSError, InvalidDicomError, ValueError, EOFError) as error:
            result.add_problem("images that cannot be read", file.short, " ".join(str(error).split())[:80])
            continue
        label = str(header.get(attribute, "") or "").strip()
        if not label:
            result.add_problem(f"images without {attribute}", file.short)
            continue
        patient = str(header.get("PatientID", "") or "").strip()
        found.append((label, Sample(file.short, patient or file.short, 0, file)))
    result.classes = sort_class_names(label for label, _ in found)
    if len(result.classes) < 2:
        names = ", ".join(result.classes) or "none"
        raise ValueError(f"The DICOM files need at least two different values of {attribute}; found {names}.")
    for label, sample in found:
        result.samples.append(Sample(sample.image_id, sample.lesion_id, result.classes.index(label), sample.image))
    return result
