"""The commands of the bundle's README, in the bundle's folder, with nothing of the repository on the path."""

import csv
import json
import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from .conftest import NAME, run_all

SCHEMA = Path(__file__).parents[1] / "fixtures" / "metadata_schema.json"
FEWER = {
    "training": "--weights none --num_workers 0",
    "evaluating": "--attacks \"['clean','fgsm']\" --check_images 0 --curve_images 0 --corruption_images 0 "
    "--resamples 10 --num_workers 0",
}
"""What makes a command of the README faster."""


def commands(bundle):
    text = (bundle / "docs" / "README.md").read_text()
    blocks = re.findall(r"```bash\n(.*?)```", text, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line]


def the(bundle, part):
    (command,) = (line for line in commands(bundle) if part in line)
    return command


@pytest.fixture(scope="module")
def errors(foreign, synthetic_data):
    """Run all commands of the README in the bundle; what they print as errors."""
    images = foreign / "images"
    images.mkdir()
    for source in sorted((synthetic_data / "images").iterdir())[:9]:
        shutil.copy(source, images)
    (images / "broken.png").write_text("no image")
    (foreign / "eval").mkdir()
    shutil.copy(SCHEMA, foreign / "eval" / "schema.json")
    for name, text in (("hub.py", HUB), ("tools.py", TOOLS)):
        (foreign / name).write_text(text.replace("NAME", NAME))
    parts = ("verify_metadata", "verify_net_in_out", "ckpt_export", "onnx_export", "--quantize int8")
    return run_all(
        [
            (f"{the(foreign, 'configs/train.json --dataset_dir')} {FEWER['training']}", 0),
            (f"{the(foreign, 'run evaluating')} {FEWER['evaluating']}", 0),
            # All that can be classified are, and the exit code says that one could not.
            (the(foreign, "configs/inference.json --dataset_dir"), 1),
            *((the(foreign, part), 0) for part in parts),
            ("python tools.py", 0),
            ("python hub.py", 0),
        ],
        foreign,
    )


def test_train_evaluate_and_infer(foreign, errors):
    assert "1 of 10 files could not be classified, the first is images/broken.png" in errors
    trained = torch.load(foreign / "runs" / "at-squeezenet1_1" / "model.pt", weights_only=True)["network"]
    given = torch.load(foreign / "models" / "model.pt", weights_only=True)
    assert trained.keys() == given.keys()
    assert (foreign / "runs" / "mlruns.db").is_file()
    summary = json.loads((foreign / "models" / "evaluation" / "metrics.json").read_text())
    ours = json.loads((foreign / "configs" / "metadata.json").read_text())["eval_metrics"]
    assert round(summary["clean"]["images"]["accuracy"]["value"], 4) == ours["clean"]
    rows = list(csv.DictReader((foreign / "predictions" / "predictions.csv").open()))
    assert len(rows) == 10
    assert [row["image"] for row in rows if row["error"]] == ["images/broken.png"]
    for row in rows[:-1]:
        if not row["error"]:
            assert sum(float(row[f"probability_{name}"]) for name in ("MEL", "BKL", "NV")) == pytest.approx(1, abs=1e-5)


HUB = """
import sys, types, json
calls = []
class HfApi:
    def __init__(self, token=None): pass
    def create_repo(self, **given): calls.append(["create_repo", given])
    def upload_folder(self, **given): calls.append(["upload_folder", given]); return "address"
    def create_tag(self, **given): calls.append(["create_tag", given])
hub = types.ModuleType("huggingface_hub"); hub.HfApi = HfApi
from monai.bundle import scripts
scripts.huggingface_hub = hub
address = scripts.push_to_hf_hub(repo="USER/NAME", name="NAME", bundle_dir="..", version="0.1.0")
json.dump([address, calls], open("hub.json", "w"))
"""

TOOLS = """
import os
import monai, torch
from monai.bundle import ConfigWorkflow
given = torch.load("models/model.pt", weights_only=True)
folder = os.getcwd()
os.chdir("..")
for kind in ("train", "inference"):
    network = monai.bundle.load("NAME", bundle_dir=".", workflow_type=kind)
    for name, value in network.state_dict().items():
        assert torch.equal(value.cpu(), given[name])
monai.bundle.run(config_file="NAME/configs/inference.json", bundle_root="NAME", dataset_dir=folder + "/data/images",
    output_dir="predictions")
assert os.path.isfile("predictions/predictions.csv")
os.chdir(folder)
for kind, file in (("train", "train"), ("inference", "inference")):
    workflow = ConfigWorkflow("configs/" + file + ".json", workflow_type=kind, meta_file="configs/metadata.json",
        logging_file=False, **({"dataset_dir": "data"} if kind == "train" else {}))
    workflow.initialize()
    assert workflow.check_properties() == [], workflow.check_properties()
    assert workflow.version == "0.1.0" and list(workflow.channel_def.values()) == ["MEL", "BKL", "NV"]
"""


@pytest.mark.usefixtures("errors")
def test_checks_and_exports(foreign):
    images = torch.rand(1, 3, 48, 48)
    network = torch.jit.load(foreign / "models" / "model.ts")
    session = onnxruntime.InferenceSession(foreign / "models" / "model.onnx")
    with torch.no_grad():
        expected = network(images).numpy()
    (found,) = session.run(None, {session.get_inputs()[0].name: images.numpy()})
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert {"model.ts", "model.pt2", "model.onnx", "model_int8.onnx", "model_int8.json"} == {
        path.name for path in (foreign / "exports").iterdir()
    }
    report = json.loads((foreign / "exports" / "model_int8.json").read_text())
    ours = json.loads((foreign / "configs" / "metadata.json").read_text())["eval_metrics"]
    assert round(report["accuracy"]["fp32"]["clean"], 4) == ours["clean"]
    assert set(report["accuracy"]["int8"]) == {"clean", "attacked"}
    assert (report["attack"]["epsilon"], report["attack"]["steps"]) == (0.2, 20)
    address, calls = json.loads((foreign / "hub.json").read_text())
    assert address == "address"
    assert [name for name, _ in calls] == ["create_repo", "upload_folder", "create_tag"]
    assert calls[1][1] == {"repo_id": f"USER/{NAME}", "folder_path": f"../{NAME}"}
    card = (foreign / "README.md").read_text()
    assert "license: apache-2.0\n---\n# Adversarially robust" in card


def test_no_command_of_the_readme_is_untried(bundle):
    tried = ("run", "verify_metadata", "verify_net_in_out", "ckpt_export", "onnx_export", "export_model.py")
    # Tested as scripts of the repository, on several processes, or with a stand-in for the network.
    elsewhere = ("make_synthetic", "prepare.py", "torchrun", "explaining", "push_to_hf_hub")
    for command in commands(bundle):
        assert any(part in command for part in (*tried, *elsewhere, "pip install"))
        for file in re.findall(r"(?:configs|scripts|models)/\w+\.\w+", command):
            assert (bundle / file).is_file() or file in ("models/model.ts", "models/model.onnx")


def test_packages_of_the_readme_are_those_of_the_requirements(bundle, root):
    words = shlex.split(the(bundle, "pip install"))[4:]
    pinned = [line for line in (root / "requirements.txt").read_text().splitlines() if "==" in line]
    assert sorted(words) == sorted(pinned)
