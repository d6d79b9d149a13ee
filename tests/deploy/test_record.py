import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from deploy.case import Documents
from deploy.ledger import Ledger
from deploy.writer import write_documents, write_json
from tests.deploy.conftest import MODEL, a_finding


def a_document(content: bytes) -> Any:
    return SimpleNamespace(SOPInstanceUID="1.2.3", save_as=lambda file, **_: file.write(content))


def a_header() -> Any:
    return SimpleNamespace(SOPClassUID="1.1", SOPInstanceUID="1.2", SeriesInstanceUID="1.3", StudyInstanceUID="1.4")


def test_the_record_says_all_that_there_is(tmp_path: Path) -> None:
    write_documents(Documents(a_finding(stable=False), a_document(b"o"), a_document(b"r")), MODEL, tmp_path, "name")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["name.json", "name.overlay.dcm", "name.report.dcm"]
    record = json.loads((tmp_path / "name.json").read_text())
    assert record["probabilities"] == {"MEL": 0.125, "BKL": 0.25, "NV": 0.625}
    assert record["class"] == "NV"
    assert record["input"] == {"kind": "picture", "file": "arm/left.jpg", "sha256": "ab" * 32}
    assert record["model"] == {"name": "a model", "version": "0.1.0", "weights_sha256": "00" * 32}
    assert record["stability"]["stable"] is False
    assert record["stability"]["statement"] == (
        "Unstable near the decision boundary: an attack within l2 0.3 turns the class NV into MEL. "
        "The stability flag is a quality check, not a diagnosis."
    )
    assert record["notice"].startswith("Not for clinical use")


def test_of_dicom_only_identifiers_are_told(tmp_path: Path) -> None:
    write_documents(Documents(a_finding(a_header()), a_document(b"o"), a_document(b"r")), MODEL, tmp_path, "name")
    record = json.loads((tmp_path / "name.json").read_text())
    assert record["input"] == {
        "kind": "DICOM",
        "sop_class_uid": "1.1",
        "sop_instance_uid": "1.2",
        "series_instance_uid": "1.3",
        "study_instance_uid": "1.4",
        "sha256": "ab" * 32,
    }
    assert "arm" not in (tmp_path / "name.json").read_text()


def test_where_one_output_fails_none_is_written(tmp_path: Path) -> None:
    broken = SimpleNamespace(SOPInstanceUID="1.2.3", save_as=lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_documents(Documents(a_finding(), a_document(b"o"), broken), MODEL, tmp_path, "name")
    assert list(tmp_path.iterdir()) == []


def test_the_ledger_keeps_what_was_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger = Ledger()
    ledger.handle("a.jpg", "a.jpg-1")
    ledger.refuse("b.jpg", "it is empty")
    assert capsys.readouterr().err == "refused: b.jpg: it is empty.\n"
    write_json(tmp_path / "new/summary.json", ledger.summary())
    summary = json.loads((tmp_path / "new/summary.json").read_text())
    assert summary["handled"] == {"a.jpg": "a.jpg-1"}
    assert summary["refused"] == {"b.jpg": "it is empty"}
