"""What the Model Zoo's own checks ask of a bundle, from its documented requirements; its commands run elsewhere."""

import hashlib
import json

import pytest
import torch
import yaml
from monai.bundle import ConfigParser

from custom.export.large_files import write_large_files

INFERENCE_KEYS = ("bundle_root", "device", "network_def", "inferer", "output_dir")
TRAIN_KEYS = (
    "bundle_root",
    "device",
    "dataset_dir",
    "output_dir",
    "val_interval",
    "train#trainer",
    "train#trainer#max_epochs",
    "train#dataset",
    "train#dataset#data",
    "train#handlers",
    "train#preprocessing",
    "train#inferer",
    "train#key_metric",
    "validate#evaluator",
    "validate#handlers",
    "validate#dataset",
    "validate#dataset#data",
    "validate#preprocessing",
    "validate#inferer",
    "validate#key_metric",
)
HEADINGS = (
    "### **Authors**",
    "### **Tags**",
    "## **Model Description**",
    "## **Data**",
    "#### **Preprocessing**",
    "## **Performance**",
    "## **System Configuration**",
    "## **Limitations**",
    "## **References**",
)


@pytest.fixture(scope="module")
def metadata(bundle):
    return json.loads((bundle / "configs" / "metadata.json").read_text())


@pytest.mark.parametrize(
    "file",
    ["configs/metadata.json", "LICENSE", "models/model.pt", "configs/inference.json", "docs/data_license.txt"],
)
def test_files_that_must_be_there(bundle, file):
    assert (bundle / file).is_file()


@pytest.mark.parametrize(("config", "keys"), [("inference", INFERENCE_KEYS), ("train", TRAIN_KEYS)])
def test_keys_that_tools_look_for(bundle, config, keys):
    parser = ConfigParser()
    parser.read_config(bundle / "configs" / f"{config}.json")
    assert not [key for key in keys if key not in parser]
    assert parser["bundle_root"] == "."


def test_validation_at_val_interval(bundle):
    config = json.loads((bundle / "configs" / "train.json").read_text())
    handlers = [item for item in config["training_handlers"].values() if isinstance(item, dict)]
    (handler,) = (item for item in handlers if item["_target_"] == "custom.handlers.ValidationAfterEpochs")
    assert handler["interval"] == "@val_interval"


def test_the_version_is_in_the_changelog(metadata):
    assert metadata["version"] in metadata["changelog"]


def test_a_name_for_the_model_browser(metadata):
    assert metadata["name"]


def test_the_network_is_that_of_the_metadata(bundle, metadata):
    inference = json.loads((bundle / "configs" / "inference.json").read_text())
    image, pred = metadata["network_data_format"]["inputs"]["image"], metadata["network_data_format"]["outputs"]["pred"]
    assert image["spatial_shape"] == [inference["image_size"]] * 2 == [48, 48]
    assert list(pred["channel_def"].values()) == inference["class_names"] == ["MEL", "BKL", "NV"]
    assert list(pred["channel_def"]) == ["0", "1", "2"]
    assert pred["num_channels"] == 3


def test_the_readme_has_the_headings(bundle):
    lines = (bundle / "docs" / "README.md").read_text().splitlines()
    found = [line for line in lines if line in HEADINGS]
    assert found == list(HEADINGS)


def test_no_path_of_the_machine_is_in_it(bundle, run, root):
    for file in bundle.rglob("*"):
        if file.suffix in (".json", ".md", ".txt", ".yml", ".py", ".conf"):
            text = file.read_text()
            assert str(root) not in text
            assert str(run.parent) not in text
            assert "/home/" not in text


def test_weights_are_tensors_alone(bundle):
    state = torch.load(bundle / "models" / "model.pt", weights_only=True)
    assert all(isinstance(value, torch.Tensor) for value in state.values())


def test_large_files_are_listed_with_their_hashes(tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "model.pt").write_bytes(b"0123456789")
    (tmp_path / "LICENSE").write_bytes(b"01234")
    assert write_large_files(tmp_path, "https://example.org/files/", limit=8) == ["models/model.pt"]
    (entry,) = yaml.safe_load((tmp_path / "large_files.yml").read_text())["large_files"]
    assert entry == {
        "path": "models/model.pt",
        "url": "https://example.org/files/model.pt",
        "hash_val": hashlib.sha256(b"0123456789").hexdigest(),
        "hash_type": "sha256",
    }


def test_without_large_files_there_is_no_list(bundle, tmp_path):
    assert write_large_files(tmp_path, limit=8) == []
    assert not (tmp_path / "large_files.yml").exists()
    assert not (bundle / "large_files.yml").exists()
