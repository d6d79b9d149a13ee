import csv
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from custom.cli import CommandLine
from custom.networks import TorchvisionClassifier, head_parameters
from custom.report.explanations import render_comparison
from scripts import explain

CONFIGS = Path(__file__).parents[2] / "bundle" / "configs"
FIRST = r"a $\frac{$ b|c/d"


@pytest.fixture(scope="module")
def runs(synthetic_data, tmp_path_factory) -> Path:
    """Two untrained models of different networks and sizes that take everything for the first class."""
    folder = tmp_path_factory.mktemp("runs")
    shutil.copytree(synthetic_data, folder / "data")
    datalist = json.loads((folder / "data" / "datalist.json").read_text())
    datalist["labels"]["0"] = FIRST
    (folder / "data" / "datalist.json").write_text(json.dumps(datalist))
    files = (str(CONFIGS / "train.json"), str(CONFIGS / "quickstart.json"))
    for name, backbone, size in (("std", "squeezenet1_1", 64), ("at", "shufflenet_v2_x0_5", 96)):
        torch.manual_seed(0)
        network = TorchvisionClassifier(backbone, 3)
        with torch.no_grad():
            head_parameters(network)[1][0] += 5
        (folder / name).mkdir()
        torch.save(network.state_dict(), folder / name / "model.pt")
        overrides = {"dataset_dir": str(folder / "data"), "backbone": backbone, "image_size": size, "device": "cpu"}
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
    assert "Means over 2 images that all models explained (2 with a lesion mask)" in printed
    assert "| measure | images | std | at | at - std |" in printed
    assert "enlarged to 64x64; attack PGD, ℓ2 0.5, 20 steps." in printed
    assert "enlarged to 96x96" in printed
    table = (output / "measures.md").read_text()
    assert table in printed
    assert table in page.read_text()
    assert f"Made by `python scripts/explain.py {' '.join(arguments)}`." in page.read_text()
    with (output / "measures.csv").open() as file:
        rows = {row["measure"]: row for row in csv.DictReader(file)}
    assert {"vanished", "energy_inside", "iou_blob", "deletion"} <= set(rows)
    assert all(row["std images"] == row["at images"] for row in rows.values())
    for name, size in (("std", 64), ("at", 96)):
        found = json.loads((output / "models" / name / "explanations.json").read_text())
        assert [record["label"] for record in found["records"]] == [0, 0]
        assert found["classes"][0] == FIRST
        saliency = np.load(next((output / "models" / name / "maps").glob("*_attacked.npy")))
        assert saliency.shape == (size, size)
    assert Image.open(output / "grid.png").width > 600
    # What is shown is a function of the folder alone.
    grid = (output / "grid.png").read_bytes()
    render_comparison(output)
    assert (output / "grid.png").read_bytes() == grid
    assert (output / "measures.md").read_text() == table


def test_a_trained_run_by_its_folder_alone(run, tmp_path, capsys):
    moved = tmp_path / "moved"
    shutil.copytree(run, moved)
    assert explain.main([str(moved), "--output", str(tmp_path / "out"), "--images", "1", "--steps", "0"]) == 0
    found = json.loads((tmp_path / "out" / "models" / "moved" / "explanations.json").read_text())
    assert found["image_shape"] == [48, 48]
    assert found["images"] == len(found["records"]) > 0
    assert "| measure | images | moved |" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{runs}/absent"], "No checkpoint .*absent.* found; pass the folder of a finished training"),
        (["{runs}/std", "--method", "cam"], "Unknown method 'cam'"),
        (["{runs}/std", "--layer", "layer9"], "no layer 'layer9'"),
        (["{runs}/std", "--images", "0"], "images_per_class is 0"),
        (["{runs}/std", "--data", "{runs}/nothing"], "datalist .*nothing"),
        (["{runs}/std", "{runs}/other"], "std has the classes .* and other has A, B, C"),
    ],
)
def test_an_error_is_one_sentence_and_leaves_the_earlier_results(runs, tmp_path, capsys, arguments, message):
    if not (runs / "other").exists():
        shutil.copytree(runs / "std", runs / "other")
        shutil.copytree(runs / "data", runs / "other data")
        datalist = json.loads((runs / "data" / "datalist.json").read_text())
        datalist["labels"] = {"0": "A", "1": "B", "2": "C"}
        (runs / "other data" / "datalist.json").write_text(json.dumps(datalist))
        config = json.loads((runs / "other" / "config.json").read_text())
        (runs / "other" / "config.json").write_text(json.dumps(config | {"dataset_dir": str(runs / "other data")}))
    output = tmp_path / "out"
    output.mkdir()
    (output / "measures.md").write_text("earlier")
    assert explain.main([argument.format(runs=runs) for argument in arguments] + ["--output", str(output)]) == 1
    error = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("Explaining")]
    assert len(error) == 1
    assert re.search(message, error[0])
    assert [path.name for path in output.iterdir()] == ["measures.md"]
    assert (output / "measures.md").read_text() == "earlier"


def test_models_need_different_names(runs, capsys):
    with pytest.raises(SystemExit):
        explain.main([str(runs / "std"), str(runs / "std")])
    assert "a different name for each of 2 models" in capsys.readouterr().err
