import json

import pytest
import torch
from monai.networks.nets import resnet10 as monai_resnet10
from torch import nn
from torchvision import models

from custom.attacks import PGD
from custom.networks import (
    NetworkCard,
    TorchvisionClassifier,
    create_classifier,
    load_classifier,
    read_card,
    save_checkpoint,
    weights_sha256,
)

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
    with pytest.raises(ValueError, match="program, which can run code when it is loaded; pass --trust"):
        load_classifier(path, 3, SHAPE)
    loaded = load_classifier(path, 3, SHAPE, trust=True)
    assert loaded.one_by_one == (write is export_one_by_one)
    assert torch.allclose(loaded(IMAGES), network(IMAGES), atol=1e-5)
    assert sum(p.numel() for p in loaded.parameters()) == sum(p.numel() for p in network.parameters())
    assert len(weights_sha256(loaded.state_dict())) == 64
    attack = PGD(epsilon=0.3, steps=3, norm="l2")
    expected = attack(network, IMAGES, LABELS)
    assert torch.allclose(attack(loaded, IMAGES, LABELS), expected, atol=1e-5)


def test_torchvision_state_dict_gets_the_normalization_that_its_weights_expect(tmp_path):
    torch.manual_seed(0)
    original = models.mobilenet_v3_small(num_classes=3).eval()
    torch.save(original.state_dict(), tmp_path / "mobilenet.pth")
    loaded = load_classifier(tmp_path / "mobilenet.pth", 3, (3, 32, 32), architecture="mobilenet_v3_small")
    images = torch.rand(2, 3, 32, 32)
    mean, std = (torch.tensor(v).view(3, 1, 1) for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    assert torch.allclose(loaded(images), original((images - mean) / std), atol=1e-5)
    with pytest.raises(ValueError, match="they are for 3 classes, the network is for 4"):
        load_classifier(tmp_path / "mobilenet.pth", 4, (3, 32, 32), architecture="mobilenet_v3_small")


def test_a_dotted_path_of_torchvision_s_is_its_name(tmp_path):
    torch.manual_seed(0)
    original = models.mobilenet_v3_small(num_classes=3).eval()
    torch.save(original.state_dict(), tmp_path / "image.pth")
    images = torch.rand(2, 3, 32, 32)
    named, dotted = (
        load_classifier(tmp_path / "image.pth", 3, (3, 32, 32), architecture=f"{package}mobilenet_v3_small")
        for package in ("", "torchvision.models.")
    )
    assert torch.equal(named(images), dotted(images))
    video = models.video.mc3_18(num_classes=2).eval()
    torch.save({f"module.{name}": value for name, value in video.state_dict().items()}, tmp_path / "video.pth")
    shape, volumes = (1, 8, 16, 16), torch.rand(2, 1, 8, 16, 16)
    loaded = load_classifier(tmp_path / "video.pth", 2, shape, architecture="torchvision.models.video.mc3_18")
    mean, std = (torch.tensor(v).view(3, 1, 1, 1) for v in ((0.43216, 0.394666, 0.37645), (0.22803, 0.22145, 0.216989)))
    torch.testing.assert_close(loaded(volumes), video((volumes - mean) / std), rtol=1e-4, atol=1e-4)


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
        load_classifier(tmp_path, 3, SHAPE, trust=True)
    torch.save(original.state_dict(), tmp_path / "models" / "model.pt")
    with pytest.raises(ValueError, match="bundle, whose configs can run code; pass --trust"):
        load_classifier(tmp_path, 3, SHAPE)
    assert torch.allclose(load_classifier(tmp_path, 3, SHAPE, trust=True)(IMAGES), original(IMAGES), atol=1e-6)


def test_bundle_folder_with_torchscript_alone(network, tmp_path):
    (tmp_path / "models").mkdir()
    script(network, tmp_path / "models" / "model.ts")
    assert torch.allclose(load_classifier(tmp_path, 3, SHAPE, trust=True)(IMAGES), network(IMAGES), atol=1e-6)


def test_what_is_no_classifier_gets_one_sentence(network, tmp_path):
    script(network, tmp_path / "model.ts")
    torch.save(network.state_dict(), tmp_path / "state.pt")
    (tmp_path / "text.pt").write_text("no model")
    whole = (tmp_path / "model.ts").read_bytes()
    (tmp_path / "damaged.ts").write_bytes(whole.replace(b"constants.pkl", b"constants.xyz"))
    (tmp_path / "empty").mkdir()
    for path, classes, shape, error, sentence in (
        ("nowhere.ts", 3, SHAPE, FileNotFoundError, "No classifier found at"),
        ("state.pt", 3, SHAPE, ValueError, "weights without a card; name the model of torchvision or MONAI"),
        ("text.pt", 3, SHAPE, ValueError, "cannot be read as a file of torch.save"),
        ("empty", 3, SHAPE, ValueError, "is not a MONAI bundle"),
        ("model.ts", 4, SHAPE, ValueError, r"shape \(6, 3\) for 6 images; for 4 classes it should be \(6, 4\)"),
        ("model.ts", 3, (3, 20, 20), ValueError, "does not take images of 3 x 20 x 20"),
        ("damaged.ts", 3, SHAPE, ValueError, "cannot be read as a TorchScript program"),
    ):
        with pytest.raises(error, match=sentence) as raised:
            load_classifier(tmp_path / path, classes, shape, trust=True)
        assert "\n" not in str(raised.value)


def with_last(network, *layers):
    return nn.Sequential(network, *layers).eval()


@pytest.mark.parametrize(
    ("last", "classes"),
    [((nn.Softmax(1),), 3), ((nn.Sigmoid(),), 3), ((nn.Linear(3, 1), nn.Sigmoid()), 2)],
)
def test_probabilities_are_refused_or_converted(network, last, classes, tmp_path):
    script(with_last(network, *last), tmp_path / "model.ts")
    with pytest.raises(ValueError, match="--probabilities"):
        load_classifier(tmp_path / "model.ts", classes, SHAPE, trust=True)
    loaded = load_classifier(tmp_path / "model.ts", classes, SHAPE, trust=True, probabilities=True)
    outputs = with_last(network, *last)(IMAGES)
    expected = torch.cat([1 - outputs, outputs], 1) if classes == 2 else outputs
    assert torch.allclose(loaded(IMAGES), expected.log(), atol=1e-5)


def test_logits_are_no_probabilities(network, tmp_path):
    for name, last in {"relu": nn.ReLU(), "log": nn.LogSoftmax(1), "none": nn.Identity()}.items():
        script(with_last(network, last), tmp_path / f"{name}.ts")
        load_classifier(tmp_path / f"{name}.ts", 3, SHAPE, trust=True)
        with pytest.raises(ValueError, match=r"numbers outside of \[0, 1\], which are not probabilities"):
            load_classifier(tmp_path / f"{name}.ts", 3, SHAPE, trust=True, probabilities=True)


def test_a_network_that_answers_nan_is_refused(network, tmp_path):
    class Nan(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x * float("nan")

    script(with_last(network, Nan()), tmp_path / "model.ts")
    with pytest.raises(ValueError, match="returns NaN or infinity for plain images"):
        load_classifier(tmp_path / "model.ts", 3, SHAPE, trust=True)


def test_torchvision_s_squeezenet_keeps_its_last_relu(tmp_path):
    torch.manual_seed(0)
    theirs = models.squeezenet1_1(num_classes=3).eval()
    torch.save(theirs.state_dict(), tmp_path / "theirs.pth")
    images = torch.rand(8, 3, 32, 32)
    mean, std = (torch.tensor(v).view(3, 1, 1) for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    loaded = load_classifier(tmp_path / "theirs.pth", 3, (3, 32, 32), architecture="squeezenet1_1")
    assert torch.allclose(loaded(images), theirs((images - mean) / std), atol=1e-5)
    assert loaded(images).min() == 0
    ours = TorchvisionClassifier("squeezenet1_1", 3).eval()
    torch.save(ours.state_dict(), tmp_path / "ours.pth")
    loaded = load_classifier(tmp_path / "ours.pth", 3, (3, 32, 32), architecture="squeezenet1_1")
    assert torch.allclose(loaded(images), ours(images), atol=1e-6)
    assert loaded(images).min() < 0


@pytest.mark.parametrize("place", ["model.pt", "run/model.pt", "bundle/models/model.pt"])
def test_weights_with_a_card_need_neither_names_nor_trust(place, tmp_path):
    torch.manual_seed(0)
    trained = TorchvisionClassifier("squeezenet1_1", 3, mean=[0.1, 0.2, 0.3], std=[1, 2, 3]).eval()
    definition = {"_target_": "custom.networks.TorchvisionClassifier", "name": "squeezenet1_1", "num_classes": 3}
    card = NetworkCard(("MEL", "BKL", "NV"), (32, 32), network=definition)
    save_checkpoint(tmp_path / place, trained, card)
    given = tmp_path / place.partition("/")[0]
    assert read_card(given).class_names == ("MEL", "BKL", "NV")
    images = torch.rand(2, 3, 32, 32)
    assert torch.allclose(load_classifier(given, 3, (3, 32, 32))(images), trained(images), atol=1e-6)
    with pytest.raises(ValueError, match="was trained with image_size 32, 32, not 64, 64"):
        load_classifier(given, 3, (3, 64, 64))
    with pytest.raises(ValueError, match="for 4 classes it should be"):
        load_classifier(given, 4, (3, 32, 32))


@pytest.mark.parametrize("key", [None, *(pytest.param(key, marks=pytest.mark.slow) for key in ("state_dict", "model"))])
def test_weights_of_a_network_of_volumes_that_were_trained_elsewhere(key, tmp_path):
    torch.manual_seed(0)
    network = monai_resnet10(spatial_dims=3, n_input_channels=1, num_classes=2).eval()
    state = {f"module.{name}": value for name, value in network.state_dict().items()}
    torch.save(state if key is None else {key: state, "epoch": 3}, tmp_path / "model.pth")
    volumes = torch.rand(2, 1, 16, 16, 16)
    loaded = load_classifier(
        tmp_path / "model.pth", 2, (1, 16, 16, 16), architecture="monai.networks.nets.resnet10", mean=[0.5], std=[0.25]
    )
    torch.testing.assert_close(loaded(volumes), network((volumes - 0.5) / 0.25), rtol=1e-4, atol=1e-4)
    started = create_classifier("monai.networks.nets.resnet10", 2, tmp_path / "model.pth", 1, 3)
    torch.testing.assert_close(started.network.state_dict(), network.state_dict())


@pytest.mark.parametrize("architecture", ["monai.networks.nets.resnet10", "squeezenet1_1"])
def test_a_single_logit_is_that_of_the_second_of_two_classes(architecture, tmp_path):
    torch.manual_seed(0)
    images = torch.rand(2, 3, 32, 32)
    if "." in architecture:
        network = monai_resnet10(spatial_dims=2, n_input_channels=3, num_classes=1).eval()
        expected = network(images)
    else:
        network = models.squeezenet1_1(weights=None, num_classes=1).eval()
        with torch.no_grad():
            network.classifier[1].bias.fill_(-0.5)
            network.classifier[2] = nn.Identity()
        wrapped = TorchvisionClassifier(architecture, 1)
        wrapped.network.load_state_dict(network.state_dict())
        network, expected = wrapped.eval(), wrapped(images)
    torch.save(network.state_dict(), tmp_path / "model.pth")
    loaded = load_classifier(tmp_path / "model.pth", 2, (3, 32, 32), architecture=architecture, probabilities=False)
    logits = loaded(images)
    torch.testing.assert_close(logits[:, :1], torch.zeros(2, 1))
    torch.testing.assert_close(logits[:, 1:], expected, rtol=1e-4, atol=1e-4)


def test_probabilities_of_volumes_are_refused_or_converted(tmp_path):
    torch.manual_seed(0)
    logits = nn.Sequential(nn.AdaptiveAvgPool3d(2), nn.Flatten(), nn.Linear(8, 2))
    torch.jit.script(nn.Sequential(logits, nn.Softmax(1))).save(str(tmp_path / "model.ts"))
    shape, volumes = (1, 6, 6, 6), torch.rand(3, 1, 6, 6, 6)
    with pytest.raises(ValueError, match="returns probabilities instead of logits, on which attacks are weak"):
        load_classifier(tmp_path / "model.ts", 2, shape, trust=True)
    loaded = load_classifier(tmp_path / "model.ts", 2, shape, trust=True, probabilities=True)
    torch.testing.assert_close(loaded(volumes), logits(volumes).log_softmax(1))
