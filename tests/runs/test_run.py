import json
import shutil

import pytest
import torch
from monai.bundle import ConfigParser

from custom.networks import read_checkpoint
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
    with pytest.raises(ValueError, match="was trained on gone, which is not there"):
        _ = Run.read(folder / "model.pt").class_names


def test_the_repositorys_inference_config_takes_the_values_of_a_training(run, root):
    parser = ConfigParser()
    parser.read_config(root / "bundle" / "configs" / "inference.json")
    parser.update({"checkpoint": str(run / "model.pt"), "device": "cpu"})
    assert parser.get_parsed_content("backbone") == "squeezenet1_1"
    assert parser.get_parsed_content("image_size") == 48
    assert parser.get_parsed_content("class_names") == ["MEL", "BKL", "NV"]
