import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from custom.explorer import SplitImages, read_model
from custom.explorer.model import _of_bundle, _require_images
from custom.networks import NetworkCard, TorchvisionClassifier, save_checkpoint
from custom.runs import Run

CARD = {"class_names": ("a", "b"), "image_size": (32, 32)}


@pytest.fixture
def bundle(tmp_path):
    """A bundle whose weights say what they are for, and whose configs would write a file if they were run."""
    folder = tmp_path / "bundle"
    (folder / "configs").mkdir(parents=True)
    (folder / "models").mkdir()
    network = {"_target_": "custom.networks.create_classifier", "name": "squeezenet1_1", "num_classes": 2}
    card = NetworkCard(**CARD, network=network, intensity={"bits": 8, "low": 0, "high": 51})
    save_checkpoint(folder / "models" / "model.pt", TorchvisionClassifier("squeezenet1_1", 2), card)
    config = {"preprocessing": f"$open('{tmp_path / 'was-run'}', 'w')", "crop": "square"}
    config["stability_attack"] = {"norm": "linf", "epsilon": 0.02}
    (folder / "configs" / "inference.json").write_text(json.dumps(config))
    return folder


def test_a_run_is_read_by_its_folder(run, synthetic_data):
    model = read_model(run)
    assert (model.name, model.description) == ("at-squeezenet1_1", "at, squeezenet1_1, 48 x 48")
    assert model.class_names == tuple(Run.read(run).class_names)
    assert model.trained_with == {"norm": "l2", "epsilon": 0.2}
    assert not model.network.training
    assert model.target_layer is not None
    assert model.dataset == synthetic_data


def test_it_sees_images_as_its_training_did(run, synthetic_data):
    model = read_model(run, "mine", data=synthetic_data)
    images = SplitImages.read(synthetic_data, model.class_names)
    batch = next(iter(Run.read(run).value("validate#dataset")))
    item = Run.read(run).value("validate#dataset#data")[0]
    torch.testing.assert_close(model.read(item["image"])[0], batch["image"], rtol=0, atol=0)
    assert model.name == "mine"
    assert sorted(set(images.classes)) == sorted(model.class_names)
    subject = images.subject(0, [model])
    assert images.titles[0] == f"{subject.class_name}: {subject.name}"
    assert list(images.classes) == sorted(images.classes, key=model.class_names.index)


def test_a_bundle_is_read_without_running_its_configs(bundle, tmp_path, photograph):
    model = read_model(bundle)
    assert (model.name, model.description) == ("bundle", "bundle, squeezenet1_1, 32 x 32")
    assert model.class_names == ("a", "b")
    assert model.trained_with == {"norm": "linf", "epsilon": 0.02}
    # Of 153, 102 and 51 in the window from 0 to 51.
    assert model.read(photograph)[0, :, 0, 0].tolist() == [1.0, 1.0, 1.0]
    assert not (tmp_path / "was-run").exists()


def test_somebodys_bundle_needs_trust(bundle):
    (bundle / "models" / "model.pt").unlink()
    form = {"inputs": {"image": {"spatial_shape": [32, 32], "num_channels": 3}}}
    form["outputs"] = {"pred": {"channel_def": {"0": "a", "1": "b"}}}
    (bundle / "configs" / "metadata.json").write_text(json.dumps({"network_data_format": form}))
    with pytest.raises(ValueError, match="the folder of a MONAI bundle, whose configs can run code; pass --trust"):
        read_model(bundle)


def test_a_trusted_bundle_is_described_by_its_metadata(bundle, monkeypatch):
    test_somebodys_bundle_needs_trust(bundle)
    loaded = SimpleNamespace()
    monkeypatch.setattr("custom.explorer.model.load_classifier", lambda *given, **named: loaded.__dict__.update(named))
    model = _of_bundle(bundle, "theirs", trust=True)
    assert loaded.trust is True
    assert (model.class_names, model.image_size) == (("a", "b"), (32, 32))


def test_a_bundle_that_says_nothing_of_itself_is_refused(bundle):
    (bundle / "models" / "model.pt").unlink()
    with pytest.raises(ValueError, match="neither a network card nor metadata that name its classes and image size"):
        read_model(bundle, trust=True)


def test_an_unknown_run_is_named():
    with pytest.raises(FileNotFoundError, match=r"No checkpoint none\.here found; pass the folder"):
        read_model(Path("none.here"))


def test_volumes_are_refused():
    with pytest.raises(ValueError, match="x classifies volumes of 32 x 32 x 16; the explorer shows 2-D images"):
        _require_images("x", (32, 32, 16), 3)


def test_other_classes_than_those_of_the_models_are_refused(synthetic_data):
    with pytest.raises(ValueError, match="has the classes MEL, BKL, NV, and the models have a, b; pass the data set"):
        SplitImages.read(synthetic_data, ["a", "b"])
