from pathlib import Path
from typing import Any

import pydicom
import pytest

pytest.importorskip("highdicom", reason="it is in the application's own environment, deploy/.venv")

from pydicom.uid import ComprehensiveSRStorage

from deploy.capture import build_capture
from deploy.case import Finding
from deploy.report import SCHEME, build_report
from deploy.series import SeriesBook
from tests.deploy.conftest import MODEL, a_finding
from tests.deploy.dciodvfy import errors
from tests.deploy.dicom_files import colors
from tests.deploy.test_capture import header_of


def reported(finding: Finding, folder: Path) -> tuple[Any, Any]:
    """The report, written and read again, free of errors; and the overlay."""
    place = SeriesBook(1).place(finding.source)
    overlay = build_capture(finding, colors(90, 120), MODEL, place)
    report = build_report(finding, overlay, MODEL, SeriesBook(2).place(finding.source))
    report.save_as(folder / "report.dcm", enforce_file_format=True)
    assert errors(folder / "report.dcm") == []
    return pydicom.dcmread(folder / "report.dcm"), overlay


def items(report: Any, kind: str) -> list[tuple[str, Any]]:
    """Name and item of all content items of a kind, at any depth."""
    found = []
    for item in report.get("ContentSequence", []):
        if item.ValueType == kind:
            found.append((item.ConceptNameCodeSequence[0].CodeMeaning, item))
        found += items(item, kind)
    return found


@pytest.mark.parametrize("stable", [True, False])
def test_it_holds_the_answer(tmp_path: Path, stable: bool) -> None:
    report, _ = reported(a_finding(header_of(), stable), tmp_path)
    assert report.SOPClassUID == ComprehensiveSRStorage
    numbers = {name: float(item.MeasuredValueSequence[0].NumericValue) for name, item in items(report, "NUM")}
    assert numbers == {"Probability of MEL": 0.125, "Probability of BKL": 0.25, "Probability of NV": 0.625}
    codes = {name: item.ConceptCodeSequence[0] for name, item in items(report, "CODE")}
    assert codes["Predicted class"].CodeMeaning == "NV"
    assert (codes["Predicted class"].CodingSchemeDesignator, codes["Predicted class"].CodeValue) == (SCHEME, "class-2")
    flag = "Stable under a small attack" if stable else "Unstable near the decision boundary"
    assert codes["Stability, a quality check"].CodeMeaning == flag
    texts = [item.TextValue for name, item in items(report, "TEXT") if name == "Comment"]
    assert texts[0].startswith("Not for clinical use")
    assert texts[1].startswith(flag)
    assert texts[1].endswith("a quality check, not a diagnosis.")
    algorithm = {name: item.TextValue for name, item in items(report, "TEXT")}
    assert algorithm["Algorithm Name"] == "a model"
    assert algorithm["Algorithm Version"] == "0.1.0"


def test_it_refers_to_its_source_and_belongs_to_the_study(tmp_path: Path) -> None:
    header = header_of()
    report, overlay = reported(a_finding(header), tmp_path)
    ((_, image),) = items(report, "IMAGE")
    assert image.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == header.SOPInstanceUID
    assert image.ReferencedSOPSequence[0].ReferencedSOPClassUID == header.SOPClassUID
    (evidence,) = report.CurrentRequestedProcedureEvidenceSequence
    assert evidence.StudyInstanceUID == header.StudyInstanceUID
    series = {
        item.SeriesInstanceUID: item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID
        for item in evidence.ReferencedSeriesSequence
    }
    assert series == {
        header.SeriesInstanceUID: header.SOPInstanceUID,
        overlay.SeriesInstanceUID: overlay.SOPInstanceUID,
    }
    for keyword in ("StudyInstanceUID", "PatientName", "PatientID", "PatientSex", "AccessionNumber", "StudyDate"):
        assert report[keyword].value == header[keyword].value


def test_a_source_without_identity_stays_so(tmp_path: Path) -> None:
    header = header_of(PatientName="", PatientID="", PatientIdentityRemoved="YES", DeidentificationMethod="by hand")
    report, _ = reported(a_finding(header), tmp_path)
    assert (str(report.PatientName), report.PatientID, report.PatientIdentityRemoved) == ("", "", "YES")
    assert report.DeidentificationMethod == "by hand"
    assert "arm/left.jpg" not in str(report)


@pytest.mark.parametrize(
    "attributes",
    [
        {"PatientID": None, "PatientName": None, "PatientBirthDate": None, "PatientSex": None, "StudyID": None},
        {"AccessionNumber": None, "StudyDate": None, "StudyTime": None, "ReferringPhysicianName": None},
        {"PatientSex": "X", "SpecificCharacterSet": "ISO_IR 100", "PatientName": "Müller^Jürgen"},
        {"InstitutionName": "Hospital", "Modality": None},
    ],
)
def test_sparse_and_odd_headers_give_valid_objects(tmp_path: Path, attributes: dict[str, Any]) -> None:
    report, _ = reported(a_finding(header_of(**attributes)), tmp_path)
    if attributes.get("PatientName"):
        assert str(report.PatientName) == attributes["PatientName"]


def test_a_picture_file_is_named_with_its_hash(tmp_path: Path) -> None:
    report, overlay = reported(a_finding(), tmp_path)
    texts = [item.TextValue for name, item in items(report, "TEXT") if name == "Comment"]
    assert texts[-1] == f"Made from the image file arm/left.jpg, SHA-256 {'ab' * 32}."
    assert report.StudyInstanceUID == overlay.StudyInstanceUID
    assert (str(report.PatientName), report.PatientID) == ("", "")
    (equipment,) = report.ContributingEquipmentSequence
    assert equipment.ManufacturerModelName == "highdicom"
