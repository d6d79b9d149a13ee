"""The application in its own environment, driven from the project's."""

import importlib.util
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("pydicom", reason="pydicom writes the DICOM files")

from monai.bundle import ConfigParser
from pydicom.uid import JPEGBaseline8Bit

from tests.deploy.conftest import NAMES, ROOT, make_bundle
from tests.deploy.dciodvfy import errors
from tests.deploy.dicom_files import colors, encoded, photograph, write

PYTHON = ROOT / "deploy/.venv/bin/python"

pytestmark = [
    pytest.mark.skipif(not PYTHON.exists(), reason="`bash deploy/setup.sh --test` makes the application's environment"),
    pytest.mark.skipif(importlib.util.find_spec("highdicom") is not None, reason="this is that environment"),
]


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PYTHON, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, check=False)


def originals(folder: Path) -> list[Path]:
    """The photographs that PHOTOGRAPHS names, such as originals of HAM10000; else two that are made."""
    if "PHOTOGRAPHS" in os.environ:
        return sorted(Path(os.environ["PHOTOGRAPHS"]).glob("*.jpg"))
    folder.mkdir()
    for number in range(2):
        (folder / f"{number}.jpg").write_bytes(encoded(np.roll(colors(450, 600), 100 * number, axis=1)))
    return sorted(folder.iterdir())


def test_all_tests_of_the_application_pass_there() -> None:
    if run("-c", "import pytest").returncode:
        pytest.skip("`bash deploy/setup.sh --test` installs pytest there")
    # Without the conftest.py above, which needs more than the application has.
    done = run("-m", "pytest", "tests/deploy", "--confcutdir", "tests/deploy", "-p", "no:cacheprovider", "-rs")
    assert done.returncode == 0, done.stdout + done.stderr


def test_photographs_in_dicom_get_the_probabilities_of_inference_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(os.environ["BUNDLE"]) if "BUNDLE" in os.environ else make_bundle(tmp_path / "skin")
    files = originals(tmp_path / "originals")
    for file in files:
        pixels = np.array(Image.open(file).convert("RGB"))
        dataset = photograph(pixels, file.read_bytes(), JPEGBaseline8Bit, "YBR_FULL_422", PatientID=file.stem)
        write(dataset, tmp_path / "dicom" / f"{file.stem}.dcm")
    done = run("-m", "deploy", "-i", tmp_path / "dicom", "-o", tmp_path / "out", "-m", folder)
    assert done.returncode == 0, done.stderr

    monkeypatch.setattr("sys.argv", ["run"])
    parser = ConfigParser()
    parser.read_config(str(folder / "configs/inference.json"))
    parser.update({"bundle_root": str(folder), "dataset_dir": str(files[0].parent), "num_workers": 0})
    parser["output_dir"] = str(tmp_path / "predictions")
    parser.get_parsed_content("run")
    wanted = {
        Path(image["image"]).stem: image["probabilities"]
        for image in json.loads((tmp_path / "predictions/predictions.json").read_text())["images"]
    }

    summary = json.loads((tmp_path / "out/summary.json").read_text())
    assert len(summary["handled"]) == len(files)
    for name, stem in summary["handled"].items():
        record = json.loads((tmp_path / "out" / f"{stem}.json").read_text())
        expected = wanted[Path(name).stem]
        values = [expected[key] for key in NAMES] if isinstance(expected, dict) else expected
        assert list(record["probabilities"].values()) == pytest.approx(values, abs=1e-5)
        assert errors(tmp_path / "out" / f"{stem}.overlay.dcm") == []
        assert errors(tmp_path / "out" / f"{stem}.report.dcm") == []
