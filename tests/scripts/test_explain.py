import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from custom.cli import CommandLine
from custom.networks import TorchvisionClassifier, head_parameters
from scripts import explain, make_synthetic

CONFIGS = Path(__file__).parents[2] / "bundle" / "configs"


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> Path:
    """Two untrained models that take everything for the first class, in folders like those of trainings."""
    folder = tmp_path_factory.mktemp("runs")
    assert make_synthetic.main(["--output", str(folder / "data"), "--per-class", "10", "--size", "64"]) == 0
    overrides = {"dataset_dir": str(folder / "data"), "image_size": 64, "batch_size": 4, "device": "cpu"}
    files = (str(CONFIGS / "train.json"), str(CONFIGS / "quickstart.json"))
    for seed, name in enumerate(("std", "at")):
        torch.manual_seed(seed)
        network = TorchvisionClassifier("squeezenet1_1", 3)
        with torch.no_grad():
            head_parameters(network)[1][0] += 5
        (folder / name).mkdir()
        torch.save(network.state_dict(), folder / name / "model.pt")
        (folder / name / "config.json").write_text(json.dumps(CommandLine(files, overrides).resolved_config()))
    return folder


def test_two_models_side_by_side(runs, tmp_path, capsys):
    output = tmp_path / "out"
    page = tmp_path / "page.md"
    page.write_text("<!-- maps:begin --><!-- maps:end -->\n")
    arguments = [str(runs / "std"), str(runs / "at"), "--output", str(output), "--images", "2", "--steps", "2"]
    arguments += ["--page", str(page), "--section", "maps"]
    assert explain.main(arguments) == 0
    printed = capsys.readouterr().out
    assert "Means over the 2 images that all models explained (2 with a lesion mask)" in printed
    assert "| measure | images | std | at | at - std |" in printed
    assert (output / "measures.md").read_text() in printed
    assert (output / "measures.md").read_text() in page.read_text()
    assert f"Made by `python scripts/explain.py {' '.join(arguments)}`." in page.read_text()
    with (output / "measures.csv").open() as file:
        assert {"energy_inside", "iou_blob", "deletion"} <= {row["measure"] for row in csv.DictReader(file)}
    assert Image.open(output / "sheet.png").width > 600
    for name in ("std", "at"):
        found = json.loads((output / name / "explanations.json").read_text())
        assert [record["label"] for record in found["records"]] == [0, 0]
        assert found["target_layer"] == "network.features"
        saliency = np.load(next((output / name / "maps").glob("*_attacked.npy")))
        assert saliency.shape == (64, 64)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{runs}/absent"], "No config.json found in .*absent"),
        (["{runs}/std", "--method", "cam"], "Unknown method 'cam'"),
        (["{runs}/std", "--data", "{runs}/nothing"], "There is no data"),
        (["{runs}/std", "--images", "0"], "images_per_class is 0"),
    ],
)
def test_errors_are_one_sentence(runs, tmp_path, capsys, arguments, message):
    given = [argument.format(runs=runs) for argument in arguments]
    assert explain.main([*given, "--output", str(tmp_path / "out")]) == 1
    error = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("Explaining")]
    assert len(error) == 1
    assert re.search(message, error[0])


def test_models_need_different_names(runs, capsys):
    with pytest.raises(SystemExit):
        explain.main([str(runs / "std"), str(runs / "std")])
    assert "2 models need 2 different names" in capsys.readouterr().err
