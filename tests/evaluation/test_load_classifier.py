import json

import pytest
import torch
from torch import nn
from torchvision import models

from custom.attacks import PGD
from custom.evaluation import load_classifier, network_hash

SHAPE = (3, 12, 12)
IMAGES = torch.rand(4, *SHAPE, generator=torch.Generator().manual_seed(0))
LABELS = torch.tensor([0, 1, 2, 0])


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Dropout(), nn.Linear(400, 3)
    ).eval()


def script(network, path):
    torch.jit.script(network).save(str(path))


def trace(network, path):
    torch.jit.trace(network, IMAGES[:2]).save(str(path))


def export(network, path):
    batch = torch.export.Dim("batch", min=1, max=64)
    torch.export.save(torch.export.export(network, (IMAGES[:2],), dynamic_shapes=({0: batch},)), path)


def export_one_by_one(network, path):
    torch.export.save(torch.export.export(network, (IMAGES[:1],)), path)


@pytest.mark.parametrize("write", [script, trace, export, export_one_by_one])
def test_programs_give_the_same_logits_and_adversarial_images(network, write, tmp_path):
    path = tmp_path / "model.pt2"
    write(network, path)
    loaded = load_classifier(path, 3, SHAPE)
    assert loaded.one_by_one == (write is export_one_by_one)
    assert torch.allclose(loaded(IMAGES), network(IMAGES), atol=1e-5)
    assert sum(p.numel() for p in loaded.parameters()) == sum(p.numel() for p in network.parameters())
    assert len(network_hash(loaded)) == 64
    attack = PGD(epsilon=0.3, steps=3, norm="l2")
    expected = attack(network, IMAGES, LABELS)
    assert torch.allclose(attack(loaded, IMAGES, LABELS), expected, atol=1e-5)


def test_torchvision_state_dict_gets_the_normalisation_that_its_weights_expect(tmp_path):
    torch.manual_seed(0)
    original = models.mobilenet_v3_small(num_classes=3).eval()
    torch.save(original.state_dict(), tmp_path / "mobilenet.pth")
    loaded = load_classifier(tmp_path / "mobilenet.pth", 3, (3, 32, 32), architecture="mobilenet_v3_small")
    images = torch.rand(2, 3, 32, 32)
    mean, std = (torch.tensor(v).view(3, 1, 1) for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    assert torch.allclose(loaded(images), original((images - mean) / std), atol=1e-5)
    with pytest.raises(ValueError, match="they are for 3 classes, the network is for 4"):
        load_classifier(tmp_path / "mobilenet.pth", 4, (3, 32, 32), architecture="mobilenet_v3_small")


@pytest.mark.parametrize("config", ["inference", "train"])
def test_bundle_folder(config, tmp_path):
    definition = {
        "_target_": "monai.networks.nets.Classifier",
        "in_shape": list(SHAPE),
        "classes": 3,
        "channels": [4],
        "strides": [2],
    }
    from monai.networks.nets import Classifier

    torch.manual_seed(0)
    original = Classifier(in_shape=SHAPE, classes=3, channels=(4,), strides=(2,)).eval()
    (tmp_path / "configs").mkdir()
    (tmp_path / "models").mkdir()
    (tmp_path / "configs" / f"{config}.json").write_text(json.dumps({"network_def": definition}))
    with pytest.raises(FileNotFoundError, match=r"model\.pt"):
        load_classifier(tmp_path, 3, SHAPE)
    torch.save(original.state_dict(), tmp_path / "models" / "model.pt")
    assert torch.allclose(load_classifier(tmp_path, 3, SHAPE)(IMAGES), original(IMAGES), atol=1e-6)


def test_bundle_folder_with_torchscript_alone(network, tmp_path):
    (tmp_path / "models").mkdir()
    script(network, tmp_path / "models" / "model.ts")
    assert torch.allclose(load_classifier(tmp_path, 3, SHAPE)(IMAGES), network(IMAGES), atol=1e-6)


def test_what_is_no_classifier_gets_one_sentence(network, tmp_path):
    script(network, tmp_path / "model.ts")
    torch.save(network.state_dict(), tmp_path / "state.pt")
    (tmp_path / "text.pt").write_text("no model")
    (tmp_path / "empty").mkdir()
    for path, classes, shape, error, sentence in (
        ("nowhere.ts", 3, SHAPE, FileNotFoundError, "There is no classifier"),
        ("state.pt", 3, SHAPE, ValueError, "name its architecture"),
        ("text.pt", 3, SHAPE, ValueError, "neither a TorchScript nor a torch.export file"),
        ("empty", 3, SHAPE, ValueError, "is no MONAI bundle"),
        ("model.ts", 4, SHAPE, ValueError, r"shape \(2, 3\) for 2 images; it should be \(2, 4\)"),
        ("model.ts", 3, (3, 20, 20), ValueError, "does not take images of 3 x 20 x 20"),
    ):
        with pytest.raises(error, match=sentence) as raised:
            load_classifier(tmp_path / path, classes, shape)
        assert "\n" not in str(raised.value)
