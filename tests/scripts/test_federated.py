import importlib.util
import json
import os
import subprocess
import sys

import pytest
import torch

from custom.data.dataset_folder import new_dataset_folder
from custom.data.synthetic import make_synthetic

TRAINED = ["federated", "site-1 alone", "site-2 alone", "pooled"]


def start(root, tmp_path, name, *options):
    tiny = tmp_path / "tiny.json"
    tiny.write_text(json.dumps({"image_size": 48, "steps": 2, "batch_size": 8}))
    data = tmp_path / "data"
    if not data.exists():
        with new_dataset_folder(data, overwrite=False) as folder:
            make_synthetic(folder, per_class=30, size=64, seed=0, workers=1)
    configs = [str(root / "bundle" / "configs" / file) for file in ("train.json", "quickstart.json")]
    command = [sys.executable, str(root / "scripts" / "federated.py"), "--dataset_dir", str(data)]
    command += ["--output", str(tmp_path / name), "--rounds", "2", "--config_file", *configs, str(tiny), *options]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600)


def test_the_table_compares_all(root, tmp_path):
    ended = start(root, tmp_path, "output")
    assert ended.returncode == 0, ended.stderr
    output = tmp_path / "output"
    rows = json.loads((output / "comparison.json").read_text())
    assert list(rows) == TRAINED
    assert rows["site-1 alone"]["images"] + rows["site-2 alone"]["images"] == rows["pooled"]["images"]
    for name, row in rows.items():
        evaluated = json.loads((output / "evaluations" / name.replace(" ", "-") / "metrics.json").read_text())
        assert row["clean"] == evaluated["clean"]["images"]["accuracy"]
        assert row["pgd20"] == evaluated["attacks"]["pgd20"]["images"]["accuracy"]
    for name in TRAINED:
        assert [f"{name}: round {number} of 2 finished" in ended.stdout for number in (1, 2)] == [True, True]
    assert f"The comparison is in {output / 'comparison.md'}" in ended.stdout
    lines = (output / "comparison.md").read_text().splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == [f"| {name}" for name in TRAINED]


@pytest.mark.slow
def test_the_same_command_resumes_and_other_settings_do_not(root, tmp_path):
    assert start(root, tmp_path, "output").returncode == 0
    output = tmp_path / "output"
    rows = json.loads((output / "comparison.json").read_text())
    # Interrupted after some networks, the same command trains those that are missing, and ends with the same weights.
    weights = {name: (output / "models" / name).read_bytes() for name in ("federated.pt", "site-2-alone.pt")}
    (output / "models" / "site-2-alone.pt").unlink()
    again = start(root, tmp_path, "output")
    assert again.returncode == 0, again.stderr
    assert "federated: trained before" in again.stdout
    assert "site-2 alone: round 2 of 2 finished" in again.stdout
    for name, content in weights.items():
        assert (output / "models" / name).read_bytes() == content
    assert json.loads((output / "comparison.json").read_text()) == rows
    other = start(root, tmp_path, "output", "--seed", "1")
    assert other.returncode == 1
    assert "was begun with --seed 0 and cannot resume with 1" in other.stderr


@pytest.mark.skipif(bool(importlib.util.find_spec("monai_nvflare")), reason="NVIDIA FLARE is installed")
def test_without_flare_it_says_what_to_install(root, tmp_path):
    ended = start(root, tmp_path, "output", "--with", "nvflare")
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].endswith("`python -m pip install -r requirements-federated.txt`.")
    assert not (tmp_path / "output").exists()


@pytest.mark.skipif(not importlib.util.find_spec("monai_nvflare"), reason="needs requirements-federated.txt")
def test_flare_s_simulator_gives_the_same_weights(root, tmp_path):
    for name, engine in (("here", "averaging"), ("flare", "nvflare")):
        ended = start(root, tmp_path, name, "--with", engine)
        assert ended.returncode == 0, ended.stdout + ended.stderr
    here, flare = (
        torch.load(tmp_path / name / "models" / "federated.pt", weights_only=True) for name in ("here", "flare")
    )
    torch.testing.assert_close(flare, here, rtol=0, atol=1e-5)
