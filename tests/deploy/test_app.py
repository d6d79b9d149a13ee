import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("monai.deploy.core", reason="it is in the application's own environment, deploy/.venv")

from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit, SecondaryCaptureImageStorage

from deploy.bundle import Bundle
from deploy.command import main
from deploy.read_source import read_source
from tests.deploy.conftest import ROOT
from tests.deploy.dciodvfy import errors
from tests.deploy.dicom_files import colors, encoded, photograph, write


def deploy(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deploy", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def stable_part(path: Path) -> dict[str, object]:
    """What is the same in every run: all but the new objects' identifiers."""
    return {key: value for key, value in json.loads(path.read_text()).items() if key != "outputs"}


def test_every_image_of_every_series_is_handled_or_refused_by_name(
    tmp_path: Path, bundle_folder: Path, bundle: Bundle
) -> None:
    source, output = tmp_path / "in", tmp_path / "out"
    pixels = colors(90, 120)
    frame = encoded(pixels)
    wavelets = encoded(pixels, format="JPEG2000", no_jp2=True, mct=1)
    good = {
        "s1/1.dcm": photograph(pixels),
        "s1/2.dcm": photograph(pixels, frame, JPEGBaseline8Bit, "YBR_FULL_422"),
        "s2/1": photograph(pixels, wavelets, JPEG2000Lossless, "YBR_RCT", SOPClassUID=SecondaryCaptureImageStorage),
    }
    for name, dataset in good.items():
        write(dataset, source / name)
    (source / "plain").mkdir()
    (source / "plain/a.jpg").write_bytes(frame)
    Path(os.fsdecode(bytes(source / "plain") + b"/\xff.jpg")).write_bytes(frame)
    (source / "plain/b.png").write_bytes(encoded(pixels, format="PNG"))
    write(photograph(pixels, NumberOfFrames=2), source / "frames.dcm")
    write(photograph(pixels, PixelData=b"\0" * 8), source / "short.dcm")
    (source / "copy.dcm").write_bytes((source / "s1/1.dcm").read_bytes())
    (source / "notes.txt").write_text("hello")

    done = deploy("-i", source, "-o", output, "-m", bundle_folder)
    assert done.returncode == 1, done.stderr
    assert "Images handled: 6; files refused: 4." in done.stderr
    summary = json.loads((output / "summary.json").read_text())
    assert set(summary["refused"]) == {"frames.dcm", "short.dcm", "s1/1.dcm", "notes.txt"}
    assert all(f"refused: {name}: {reason}.\n" in done.stderr for name, reason in summary["refused"].items())
    assert set(summary["handled"]) == {"copy.dcm", "s1/2.dcm", "s2/1", "plain/a.jpg", "plain/\\xff.jpg", "plain/b.png"}
    assert len(list(output.iterdir())) == 1 + 3 * 6
    for name, stem in summary["handled"].items():
        record = json.loads((output / f"{stem}.json").read_text())
        file = source / os.fsdecode(name.encode().replace(rb"\xff", b"\xff"))
        image = bundle.prepare(read_source(file, name).pixels)
        assert list(record["probabilities"].values()) == pytest.approx(bundle.predict(image).probabilities, abs=1e-6)
        assert errors(output / f"{stem}.overlay.dcm") == []
        assert errors(output / f"{stem}.report.dcm") == []
    # The JPEG inside DICOM is the JPEG file.
    both = [
        json.loads((output / f"{summary['handled'][name]}.json").read_text()) for name in ("s1/2.dcm", "plain/a.jpg")
    ]
    assert both[0]["probabilities"] == both[1]["probabilities"]

    first = {path.name: stable_part(path) for path in output.glob("*.json")}
    again = deploy("-i", source, "-o", output, "-m", bundle_folder.parent)
    assert again.returncode == 1, again.stderr
    assert {path.name: stable_part(path) for path in output.glob("*.json")} == first


def test_where_nothing_can_be_started_it_says_why_and_writes_nothing(
    tmp_path: Path, bundle_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, output = tmp_path / "in", tmp_path / "out"
    source.mkdir()

    def outcome(target: Path, model: Path) -> tuple[int, str]:
        code = main(["deploy", "-i", str(source), "-o", str(target), "-m", str(model)])
        return code, capsys.readouterr().err.splitlines()[-1]

    assert outcome(output, bundle_folder) == (
        2,
        f"error: No file found in {source}: it needs DICOM, JPEG or PNG files.",
    )
    (source / "a.jpg").write_bytes(encoded(colors()))
    code, message = outcome(source / "out", bundle_folder)
    assert code == 2
    assert "lies in the input folder" in message
    code, message = outcome(output, source)
    assert code == 2
    assert "holds no bundle" in message
    assert not list(output.iterdir())
