from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("monai.deploy.core", reason="it is in the application's own environment, deploy/.venv")

from monai.deploy.core import Application

from deploy.bundle import Bundle
from deploy.case import Documents
from deploy.ledger import Ledger
from deploy.operators import (
    CheckStabilityOperator,
    ClassifyOperator,
    LoadOperator,
    OverlayOperator,
    ReportOperator,
    WriteOperator,
)
from deploy.read_source import read_source
from tests.deploy.dicom_files import colors, encoded, photograph, write


class Port:
    """Stands in for an operator's input and output."""

    def __init__(self, item: Any = None) -> None:
        self.item = item
        self.emitted: list[Any] = []

    def receive(self, name: str) -> Any:
        return self.item

    def emit(self, item: Any, name: str) -> None:
        self.emitted.append(item)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def test_load_reads_a_file_at_a_time_and_refuses_copies(tmp_path: Path, ledger: Ledger) -> None:
    first = write(photograph(colors()), tmp_path / "a.dcm")
    (tmp_path / "b.dcm").write_bytes(first.read_bytes())
    (tmp_path / "c.txt").write_text("hello")
    (tmp_path / "d.jpg").write_bytes(encoded(colors()))
    load, port = LoadOperator(Application(), ledger, tmp_path, sorted(tmp_path.iterdir())), Port()
    for count in (1, 1, 1, 2):
        load.compute(port, port, None)
        assert len(port.emitted) == count
    assert [source.name for source in port.emitted] == ["a.dcm", "d.jpg"]
    uid = port.emitted[0].header.SOPInstanceUID
    assert ledger.refused == {
        "b.dcm": f"its SOP Instance UID {uid} is also that of a.dcm",
        "c.txt": "it is not an image that can be read (JPEG, PNG, TIFF, BMP, WebP, GIF, JPEG 2000 or DICOM)",
    }


def test_each_operator_adds_its_part(tmp_path: Path, ledger: Ledger, bundle: Bundle) -> None:
    app = Application()
    source = read_source(write(photograph(colors(60, 90)), tmp_path / "a.dcm"), "a.dcm")
    classified = ClassifyOperator(app, ledger, bundle).process(source)
    assert classified.prediction == bundle.predict(bundle.prepare(colors(60, 90)))
    checked = CheckStabilityOperator(app, ledger, bundle).process(classified)
    assert checked.finding.stability == bundle.check_stability(classified.image, classified.prediction)
    drawn = OverlayOperator(app, ledger, bundle).process(checked)
    assert drawn.overlay.pixel_array.shape == (60, 90, 3)
    assert not np.array_equal(drawn.overlay.pixel_array, colors(60, 90))
    documents = ReportOperator(app, ledger, bundle.model).process(drawn)
    assert isinstance(documents, Documents)
    assert documents.report.StudyInstanceUID == source.header.StudyInstanceUID
    WriteOperator(app, ledger, bundle.model, tmp_path / "out").process(documents)
    uid = source.header.SOPInstanceUID
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        f"{uid}.json",
        f"{uid}.overlay.dcm",
        f"{uid}.report.dcm",
    }
    assert ledger.handled == {"a.dcm": uid}


def test_an_operator_that_fails_refuses_its_image_and_emits_nothing(
    tmp_path: Path, ledger: Ledger, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = read_source(write(photograph(colors()), tmp_path / "a.dcm"), "a.dcm")
    operator, port = ClassifyOperator(Application(), ledger, bundle), Port(source)
    operator.compute(port, port, None)
    assert len(port.emitted) == 1

    def fail(_: Any) -> None:
        raise ValueError("the network's answer is not finite")

    monkeypatch.setattr(bundle, "predict", fail)
    operator.compute(port, port, None)
    assert len(port.emitted) == 1
    assert ledger.refused == {"a.dcm": "the network's answer is not finite"}
