import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("holoscan_cli", reason="it is in the application's own environment, deploy/.venv")

from tests.deploy.conftest import ROOT, make_bundle
from tests.deploy.dicom_files import colors, encoded


def package(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deploy.package", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_what_docker_is_given_is_whole_and_runs_as_its_container_would(tmp_path: Path) -> None:
    context, bundle = tmp_path / "context", make_bundle(tmp_path / "skin")
    done = package(bundle, "--tag", "skin:0.1.0", "--context", context)
    assert done.returncode == 0, done.stdout + done.stderr

    dockerfile = (context / "Dockerfile").read_text()
    copied = re.findall(r"^COPY (\S+)", dockerfile, re.MULTILINE)
    assert {"./app", "./models", "./map/app.json", "./pip/requirements.txt"} <= set(copied)
    assert all((context / name).exists() for name in copied)
    assert not (context / "app/.venv").exists()
    pins = (context / "pip/requirements.txt").read_text()
    assert pins.strip() == (ROOT / "deploy/requirements.txt").read_text().strip()

    manifest = json.loads((context / "map/app.json").read_text())
    assert json.loads(manifest["command"]) == ["python3", "/opt/holoscan/app"]
    assert (manifest["sdk"], manifest["sdkVersion"], manifest["version"]) == ("monai-deploy", "4.0.0", "0.1.0")
    models = json.loads((context / "map/pkg.json").read_text())
    assert models["models"] == {"skin": "/opt/holoscan/models/skin"}
    assert models["resources"] == {"cpu": 1, "gpu": 0, "memory": "4Gi"}

    # As the container's entry point starts it: the folder, from another place, with paths in the environment.
    work = tmp_path / "work"
    (work / "input").mkdir(parents=True)
    (work / "input/a.jpg").write_bytes(encoded(colors(60, 90)))
    paths = {
        "HOLOSCAN_INPUT_PATH": "input/",
        "HOLOSCAN_OUTPUT_PATH": "output/",
        "HOLOSCAN_MODEL_PATH": str(context / "models"),
    }
    ran = subprocess.run(
        [sys.executable, str(context / "app")],
        cwd=work,
        env=os.environ | paths,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert len(list((work / "output").iterdir())) == 4


def test_no_bundle_and_an_old_folder_are_errors(tmp_path: Path) -> None:
    none = package(tmp_path, "--tag", "skin:0.1.0")
    assert (none.returncode, none.stdout) == (2, "")
    assert "is not an exported bundle" in none.stderr
