import json
import shutil

import pytest
import torch
from monai.bundle import ConfigParser

from custom.networks import load_weights, read_checkpoint, save_checkpoint, trained_network
from custom.runs import Run


def test_what_a_training_left(run):
    found = Run.read(run / "model.pt")
    assert (found.backbone, found.image_size, found.class_names) == ("squeezenet1_1", 48, ["MEL", "BKL", "NV"])
    assert found.attack == {"norm": "l2", "epsilon": 0.2, "step_size": 0.1, "steps": 2}
    assert found.evaluation is not None


def test_classes_of_a_data_set_that_has_gone_are_those_of_the_evaluation(run, tmp_path):
    folder = shutil.copytree(run, tmp_path / "run")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "dataset_dir": "gone"}))
    found = Run.read(folder / "model.pt")
    assert found.datalist is None
    assert found.class_names == ["MEL", "BKL", "NV"]
    shutil.rmtree(folder / "evaluation")
    assert Run.read(folder).class_names == ["MEL", "BKL", "NV"]  # the weights' card still says
    torch.save({"network": read_checkpoint(folder / "model.pt").weights}, folder / "model.pt")
    with pytest.raises(ValueError, match="was trained on gone, which does not exist"):
        _ = Run.read(folder / "model.pt").class_names


def test_the_repositorys_inference_config_takes_the_values_of_a_training(run, root):
    parser = ConfigParser()
    parser.read_config(root / "bundle" / "configs" / "inference.json")
    parser.update({"checkpoint": str(run / "model.pt"), "device": "cpu"})
    assert parser.get_parsed_content("backbone") == "squeezenet1_1"
    assert parser.get_parsed_content("image_size") == 48
    assert parser.get_parsed_content("class_names") == ["MEL", "BKL", "NV"]


def test_an_evaluation_is_that_of_the_weights_whatever_file_holds_them(run, tmp_path):
    folder = shutil.copytree(run, tmp_path / "run")
    saved = read_checkpoint(folder / "model.pt")
    network = load_weights(trained_network(folder / "model.pt", "squeezenet1_1", 3), saved)
    torch.save({"network": saved.weights}, folder / "model.pt")
    assert Run.read(folder).evaluation["classes"] == ["MEL", "BKL", "NV"]
    with torch.no_grad():
        next(network.parameters()).add_(1e-3)
    save_checkpoint(folder / "model.pt", network, saved.card)
    assert Run.read(folder).evaluation is None


def test_code_of_somebody_else_in_a_config_is_not_run(run, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another user"))
    folder = shutil.copytree(run, tmp_path / "run")
    config = json.loads((folder / "config.json").read_text())
    evil = f"$__import__('pathlib').Path({str(tmp_path / 'RAN')!r}).touch()"
    (folder / "config.json").write_text(json.dumps({**config, "epsilon": evil}))
    found = Run.read(folder)
    assert (found.image_size, found.class_names) == (48, ["MEL", "BKL", "NV"])  # the card says
    for value in (lambda: found.attack, lambda: found.method, lambda: found.parser):
        with pytest.raises(ValueError, match=r"config.json can run its author's code \(epsilon, .*--trust"):
            value()
    assert not (tmp_path / "RAN").exists()
    assert Run.read(folder, trust=True).value("epsilon") is None
    assert (tmp_path / "RAN").exists()
