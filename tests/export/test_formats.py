import pytest
import torch
from monai.bundle import ConfigParser

from custom.data import load_datalist
from custom.export.formats import FORMATS, export_network
from custom.networks import TorchvisionClassifier


@pytest.fixture(scope="module")
def images(root, synthetic_data):
    """Images from files, as the inference config prepares them."""
    parser = ConfigParser()
    parser.read_config(root / "bundle" / "configs" / "inference.json")
    parser.update({"image_size": 48, "intensity": {"bits": 8, "low": 0, "high": 255}, "crop": None, "spacing": None})
    prepare = parser.get_parsed_content("preprocessing")
    return torch.stack([prepare(item)["image"] for item in load_datalist(synthetic_data, "test")])


@pytest.mark.parametrize("name", list(FORMATS))
def test_an_exported_network_is_the_network_on_any_batch(name, images, tmp_path):
    torch.manual_seed(0)
    network = TorchvisionClassifier("resnet18", 3)
    network(images)  # so that BatchNorm has seen images
    path = tmp_path / f"model{FORMATS[name][0]}"
    assert export_network(network, images, name, path) <= 1e-4
    assert path.is_file()
    assert not network.training
    assert not any(parameter.grad is not None for parameter in network.parameters())


def test_a_program_that_is_not_the_network_is_not_kept(images, tmp_path, monkeypatch):
    def wrong(network, example, path):
        path.write_text("program")
        return lambda batch: network(batch) + 0.01

    monkeypatch.setitem(FORMATS, "wrong", (".wrong", wrong))
    network = TorchvisionClassifier("squeezenet1_1", 3)
    with pytest.raises(ValueError, match=r"would give other logits than the network, by up to 0\.01"):
        export_network(network, images, "wrong", tmp_path / "model.wrong")
    assert not list(tmp_path.iterdir())


def test_a_network_that_answers_nan_is_not_exported(images, tmp_path):
    network = TorchvisionClassifier("squeezenet1_1", 3)
    network.std.zero_()
    with pytest.raises(ValueError, match="is not written: the network returns NaN or infinity"):
        export_network(network, images, "torchscript", tmp_path / "model.ts")
    assert not list(tmp_path.iterdir())
