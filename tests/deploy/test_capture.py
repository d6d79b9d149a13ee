import io
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

pytest.importorskip("highdicom", reason="it is in the application's own environment, deploy/.venv")

from pydicom.uid import DermoscopicPhotographyImageStorage, SecondaryCaptureImageStorage, generate_uid

from deploy.capture import build_capture
from deploy.case import Finding, Lossy
from deploy.series import SeriesBook
from tests.deploy.conftest import MODEL, a_finding
from tests.deploy.dciodvfy import errors
from tests.deploy.dicom_files import colors, content, photograph


def header_of(**attributes: Any) -> Any:
    """The header of a photograph as it is read from a file."""
    header = pydicom.dcmread(io.BytesIO(content(photograph(colors(90, 120), **attributes))))
    del header.PixelData
    return header


def captured(finding: Finding, folder: Path) -> Any:
    """The secondary capture, written and read again, and free of errors."""
    picture = colors(*finding.source.pixels.shape[:2])
    capture = build_capture(finding, picture, MODEL, SeriesBook(9001).place(finding.source))
    capture.save_as(folder / "capture.dcm", enforce_file_format=True)
    assert errors(folder / "capture.dcm") == []
    return pydicom.dcmread(folder / "capture.dcm")


def test_it_refers_to_its_source_and_belongs_to_the_study(tmp_path: Path) -> None:
    header = header_of()
    capture = captured(a_finding(header), tmp_path)
    (image,) = capture.SourceImageSequence
    assert image.ReferencedSOPInstanceUID == header.SOPInstanceUID
    assert image.ReferencedSOPClassUID == header.SOPClassUID
    assert image.PurposeOfReferenceCodeSequence[0].CodeValue == "121322"
    (series,) = capture.ReferencedSeriesSequence
    assert series.SeriesInstanceUID == header.SeriesInstanceUID
    assert series.ReferencedInstanceSequence[0].ReferencedSOPInstanceUID == header.SOPInstanceUID
    for keyword in ("StudyInstanceUID", "PatientName", "PatientID", "PatientBirthDate", "AccessionNumber", "StudyDate"):
        assert capture[keyword].value == header[keyword].value
    assert capture.SOPClassUID == SecondaryCaptureImageStorage
    assert capture.SeriesInstanceUID != header.SeriesInstanceUID
    assert capture.SOPInstanceUID != header.SOPInstanceUID
    assert list(capture.ImageType) == ["DERIVED", "SECONDARY"]
    assert capture.Modality == "XC"


def test_its_pixels_are_the_picture(tmp_path: Path) -> None:
    assert np.array_equal(captured(a_finding(header_of()), tmp_path).pixel_array, colors(90, 120))


def test_a_picture_of_an_odd_number_of_bytes_is_padded(tmp_path: Path) -> None:
    finding = a_finding(header_of(), pixels=colors(5, 5))
    assert np.array_equal(captured(finding, tmp_path).pixel_array, colors(5, 5))


@pytest.mark.parametrize("stable", [True, False])
def test_it_says_what_it_is_not_for_and_whether_it_is_stable(tmp_path: Path, stable: bool) -> None:
    capture = captured(a_finding(header_of(), stable), tmp_path)
    for text in (capture.ImageComments, capture.DerivationDescription):
        assert "Not for clinical use" in text
        assert ("Unstable near the decision boundary" in text) is not stable
        assert "a quality check, not a diagnosis" in text
    assert "not for clinical use" in capture.SeriesDescription


def test_a_source_without_identity_stays_so(tmp_path: Path) -> None:
    code = pydicom.Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "113100", "DCM", "Basic Application Profile"
    header = header_of(
        PatientName="",
        PatientID="",
        PatientBirthDate="",
        PatientIdentityRemoved="YES",
        DeidentificationMethod="by a program",
        DeidentificationMethodCodeSequence=[code],
        BurnedInAnnotation="NO",
        LongitudinalTemporalInformationModified="MODIFIED",
        InstitutionName="Secret hospital",
    )
    capture = captured(a_finding(header), tmp_path)
    assert capture.PatientIdentityRemoved == "YES"
    assert capture.DeidentificationMethod == "by a program"
    assert capture.DeidentificationMethodCodeSequence[0].CodeValue == "113100"
    assert capture.BurnedInAnnotation == "NO"
    assert capture.LongitudinalTemporalInformationModified == "MODIFIED"
    assert (str(capture.PatientName), capture.PatientID, capture.PatientBirthDate) == ("", "", "")
    assert "InstitutionName" not in capture


def test_lost_information_stays_lost(tmp_path: Path) -> None:
    capture = captured(a_finding(header_of(), lossy=Lossy((10.0, 12.34), ("ISO_10918_1", "ISO_15444_1"))), tmp_path)
    assert capture.LossyImageCompression == "01"
    assert [float(ratio) for ratio in capture.LossyImageCompressionRatio] == [10.0, 12.34]
    assert list(capture.LossyImageCompressionMethod) == ["ISO_10918_1", "ISO_15444_1"]
    assert captured(a_finding(header_of()), tmp_path).LossyImageCompression == "00"


@pytest.mark.parametrize(
    "attributes",
    [
        {"PatientID": None, "PatientName": None, "PatientBirthDate": None, "PatientSex": None, "StudyID": None},
        {"AccessionNumber": None, "StudyDate": None, "StudyTime": None, "ReferringPhysicianName": None},
        {"PatientSex": "X"},
        {"Laterality": "L"},
        {"ImageLaterality": "R", "PatientOrientation": ["L", "F"]},
        {"FrameOfReferenceUID": generate_uid(prefix=None), "PositionReferenceIndicator": ""},
        {"Modality": None},
        {"SOPClassUID": DermoscopicPhotographyImageStorage, "PatientAge": "050Y"},
    ],
)
def test_sparse_and_rich_headers_give_valid_objects(tmp_path: Path, attributes: dict[str, Any]) -> None:
    capture = captured(a_finding(header_of(**attributes)), tmp_path)
    for keyword in ("FrameOfReferenceUID", "ImageLaterality", "PatientAge"):
        if keyword in attributes:
            assert capture[keyword].value == attributes[keyword]


@pytest.mark.parametrize(
    ("name", "characters"),
    [("Müller^Jürgen", "ISO_IR 100"), ("Yamada^Tarou=山田^太郎", ["", "ISO 2022 IR 87"]), ("Люд^Юля", "ISO_IR 144")],
)
def test_names_survive_in_every_character_set(tmp_path: Path, name: str, characters: Any) -> None:
    capture = captured(a_finding(header_of(SpecificCharacterSet=characters, PatientName=name)), tmp_path)
    assert str(capture.PatientName) == name
    assert capture.SpecificCharacterSet == "ISO_IR 192"


def test_a_picture_file_gets_a_study_of_its_own_without_patient(tmp_path: Path) -> None:
    first, second = (captured(a_finding(), tmp_path) for _ in range(2))
    assert first.StudyInstanceUID != second.StudyInstanceUID
    assert (str(first.PatientName), first.PatientID) == ("", "")
    assert "SourceImageSequence" not in first


def test_images_of_one_series_share_a_series() -> None:
    book = SeriesBook(7)
    series = header_of()
    places = [book.place(a_finding(header).source) for header in (series, series, header_of(), None, None)]
    uids = [place["series_instance_uid"] for place in places]
    assert uids[0] == uids[1]
    assert len(set(uids)) == 4
    assert [place["instance_number"] for place in places] == [1, 2, 1, 1, 1]
    assert len({place["sop_instance_uid"] for place in places}) == 5
