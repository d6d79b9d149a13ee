from pathlib import Path
from urllib.error import URLError

import pytest
import torch
from torch import nn
from torchvision import models

from custom.networks import TorchvisionClassifier, classifier_head, head_parameters

ROOT = Path(__file__).parents[2]
SQUEEZENET = ROOT.parent / "shared" / "data" / "weights" / "squeezenet1_0-imagenet.pth"
SIX = ["resnet34", "inception_v3", "densenet121", "mobilenet_v2", "shufflenet_v2_x1_0", "squeezenet1_0"]
IMAGENET = (
    torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1),
    torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1),
)


def plain(name: str, num_classes: int = 3) -> nn.Module:
    """torchvision's own model, with auxiliary heads and its own treatment of the input."""
    torch.manual_seed(0)
    extra = {"transform_input": True, "init_weights": True} if name in ("inception_v3", "googlenet") else {}
    return models.get_model(name, weights=None, num_classes=num_classes, **extra).eval()


# One without BatchNorm, and the one that treats its input differently; compiling the others takes long.
SCRIPTED = ["squeezenet1_0", "inception_v3"]


@pytest.mark.parametrize(
    ("name", "scripted"),
    [
        *((name, name in SCRIPTED) for name in SIX),
        *(pytest.param(name, True, marks=pytest.mark.slow) for name in (*SIX, "googlenet") if name not in SCRIPTED),
    ],
)
def test_equals_torchvision_on_normalized_images_eagerly_and_scripted(tmp_path, name, scripted):
    reference = plain(name)
    torch.save(reference.state_dict(), tmp_path / "weights.pth")
    # Random weights make logits of millions, of which 32 bits leave too little to compare.
    network = TorchvisionClassifier(name, 3, weights=str(tmp_path / "weights.pth")).eval().double()
    images, reference = torch.rand(2, 3, 96, 96, dtype=torch.float64), reference.double()
    with torch.no_grad():
        logits = network(images)
        assert logits.shape == (2, 3)
        if name == "squeezenet1_0":
            reference.classifier[2] = nn.Identity()
        torch.testing.assert_close(logits, reference((images - IMAGENET[0]) / IMAGENET[1]), rtol=1e-5, atol=1e-6)
        if scripted:
            torch.testing.assert_close(torch.jit.script(network)(images), logits)


@pytest.mark.parametrize(
    ("name", "mean", "std"),
    [("mc3_18", 0.43216, 0.22803), pytest.param("swin3d_t", 0.485, 0.229, marks=pytest.mark.slow)],
)
def test_models_of_videos_take_volumes_of_one_channel(name, mean, std, tmp_path):
    torch.manual_seed(0)
    reference = models.get_model(name, weights=None, num_classes=3).eval().double()
    torch.save(reference.state_dict(), tmp_path / "weights.pth")
    network = TorchvisionClassifier(f"video.{name}", 3, weights=str(tmp_path / "weights.pth")).eval().double()
    assert (network.mean[0].item(), network.std[0].item()) == pytest.approx((mean, std))
    volumes = torch.rand(2, 1, 16, 20, 24, dtype=torch.float64)
    repeated = (volumes.expand(2, 3, 16, 20, 24) - network.mean.view(3, 1, 1, 1)) / network.std.view(3, 1, 1, 1)
    with torch.no_grad():
        torch.testing.assert_close(network(volumes), reference(repeated))
    assert classifier_head(network)[0] in ("network.fc", "network.head")


@pytest.mark.parametrize("name", SIX)
def test_head_and_body(name):
    network = TorchvisionClassifier(name, 5)
    head, layer = classifier_head(network)
    assert head_parameters(network)[0].shape[0] == 5
    inside = {key for key, _ in network.named_parameters() if key.startswith(head + ".")}
    assert inside == {f"{head}.weight", f"{head}.bias"}
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    for parameter in head_parameters(network):
        parameter.requires_grad_(True)
    network.train()(torch.rand(2, 3, 96, 96)).square().sum().backward()
    assert {key for key, p in network.named_parameters() if p.grad is not None} == inside
    assert layer.weight.grad.abs().sum() > 0


@pytest.mark.parametrize("name", ["inception_v3", "googlenet"])
def test_plain_logits_while_training_too(name):
    logits = TorchvisionClassifier(name, 4).train()(torch.rand(2, 3, 80, 80))
    assert isinstance(logits, torch.Tensor)
    assert logits.shape == (2, 4)


def test_inception_says_what_size_it_needs():
    network = TorchvisionClassifier("inception_v3", 3).eval()
    assert network(torch.rand(1, 3, 75, 75)).shape == (1, 3)
    with pytest.raises(ValueError, match="at least 75x75, got 74x80"):
        network(torch.rand(1, 3, 74, 80))


def test_squeezenet_has_negative_logits():
    torch.manual_seed(0)
    network = TorchvisionClassifier("squeezenet1_0", 3).eval()
    assert not any(isinstance(module, nn.ReLU) for module in list(network.network.classifier))
    assert (network(torch.rand(8, 3, 64, 64)) < 0).any()


def test_own_normalization_is_kept_unless_told(tmp_path):
    first = TorchvisionClassifier("squeezenet1_0", 3, mean=[0.1, 0.2, 0.3], std=[0.4, 0.5, 0.6])
    torch.save({"network": first.state_dict(), "epoch": 3}, tmp_path / "checkpoint.pt")
    again = TorchvisionClassifier("squeezenet1_0", 3, weights=tmp_path / "checkpoint.pt")
    for key, value in first.state_dict().items():
        torch.testing.assert_close(again.state_dict()[key], value, rtol=0, atol=0)
    told = TorchvisionClassifier("squeezenet1_0", 3, weights=tmp_path / "checkpoint.pt", mean=[0.5] * 3, std=[1] * 3)
    assert told.mean.tolist() == [0.5] * 3
    torch.testing.assert_close(head_parameters(told)[0], head_parameters(first)[0])


@pytest.mark.parametrize("wrap", [lambda s: s, lambda s: {"model": s}, lambda s: {"state_dict": s, "epoch": 1}])
def test_a_head_of_other_classes_starts_anew(tmp_path, wrap):
    reference = plain("shufflenet_v2_x1_0", num_classes=7)
    torch.save(wrap(reference.state_dict()), tmp_path / "weights.pth")
    network = TorchvisionClassifier("shufflenet_v2_x1_0", 3, weights=tmp_path / "weights.pth").network
    assert network.fc.weight.shape[0] == 3
    for key, value in reference.state_dict().items():
        if not key.startswith("fc."):
            assert torch.equal(network.state_dict()[key], value)


def test_densenet_files_with_the_names_of_the_first_release(tmp_path):
    reference = plain("densenet121").state_dict()
    old = {
        key.replace("norm1.", "norm.1.")
        .replace("norm2.", "norm.2.")
        .replace("conv1.", "conv.1.")
        .replace("conv2.", "conv.2.")
        if "denselayer" in key
        else key: value
        for key, value in reference.items()
        if "num_batches_tracked" not in key
    }
    assert "features.denseblock1.denselayer1.norm.1.weight" in old
    torch.save(old, tmp_path / "old.pth")
    network = TorchvisionClassifier("densenet121", 3, weights=tmp_path / "old.pth").network
    for key, value in network.state_dict().items():
        assert key.endswith("num_batches_tracked") or torch.equal(value, reference[key])


@pytest.mark.skipif(not SQUEEZENET.is_file(), reason="the pre-trained SqueezeNet is not beside the repository")
def test_pretrained_squeezenet():
    network = TorchvisionClassifier("squeezenet1_0", 3, weights=str(SQUEEZENET))
    state = torch.load(SQUEEZENET, weights_only=True)
    assert torch.equal(network.network.features[0].weight, state["features.0.weight"])
    assert network.network.classifier[1].weight.shape == (3, 512, 1, 1)
    thousand = TorchvisionClassifier("squeezenet1_0", 1000, weights=str(SQUEEZENET))
    assert torch.equal(thousand.network.classifier[1].weight, state["classifier.1.weight"])


def save(path: Path, content: object) -> str:
    torch.save(content, path)
    return str(path)


def test_errors_are_one_sentence_that_names_the_cause(tmp_path):
    state = plain("squeezenet1_0").state_dict()
    lacks = {key: value for key, value in state.items() if key != "features.0.bias"}
    misshaped = state | {"features.0.weight": torch.zeros(1)}
    damaged = tmp_path / "damaged.pth"
    damaged.write_bytes(b"no weights")
    cases = [
        (
            "squeezenet",
            None,
            ValueError,
            "No torchvision classification model is called 'squeezenet'; .* squeezenet1_0",
        ),
        ("squeezenet1_0", "absent.pth", FileNotFoundError, "No weights file found at 'absent.pth'"),
        ("squeezenet1_0", str(tmp_path / "absent"), FileNotFoundError, "No weights file"),
        ("squeezenet1_0", "IMAGENET", ValueError, "'IMAGENET' is neither a file nor .* IMAGENET1K_V1"),
        ("squeezenet1_0", str(damaged), ValueError, "damaged.pth cannot be read"),
        ("squeezenet1_0", save(tmp_path / "a.pth", [1]), ValueError, "a.pth holds no state dict"),
        ("squeezenet1_0", save(tmp_path / "b.pth", {"epoch": 3}), ValueError, "b.pth holds no state dict"),
        (
            "resnet34",
            save(tmp_path / "c.pth", state),
            ValueError,
            "c.pth do not fit resnet34: they lack 'conv1.w",
        ),
        ("squeezenet1_0", save(tmp_path / "d.pth", lacks), ValueError, "they lack 'features.0.bias'"),
        (
            "squeezenet1_0",
            save(tmp_path / "e.pth", state | {"x": torch.ones(1)}),
            ValueError,
            "'x' is unknown",
        ),
        (
            "squeezenet1_0",
            save(tmp_path / "f.pth", misshaped),
            ValueError,
            r"'features.0.weight' has the shape \(1,\)",
        ),
    ]
    for name, weights, error, message in cases:
        with pytest.raises(error, match=message) as caught:
            TorchvisionClassifier(name, 3, weights=weights)
        assert "\n" not in str(caught.value)


def test_code_in_a_weights_file_is_not_run(tmp_path):
    class Evil:
        def __reduce__(self):
            return Path.touch, (tmp_path / "ran",)

    with pytest.raises(ValueError, match="could run code"):
        TorchvisionClassifier("squeezenet1_0", 3, weights=save(tmp_path / "evil.pth", {"network": Evil()}))
    assert not (tmp_path / "ran").exists()


def test_torchvision_weights_by_name(monkeypatch):
    reference = plain("inception_v3", num_classes=1000).state_dict()
    monkeypatch.setattr(models.Inception_V3_Weights, "get_state_dict", lambda *_, **__: reference)
    network = TorchvisionClassifier("inception_v3", 3, weights="IMAGENET1K_V1")
    assert torch.equal(network.network.Mixed_7c.branch1x1.conv.weight, reference["Mixed_7c.branch1x1.conv.weight"])
    assert network.mean.tolist() == [0.5] * 3


def test_a_failed_download_asks_for_a_file(monkeypatch):
    def offline(*_, **__):
        raise URLError("Name or service not known")

    monkeypatch.setattr(models.ResNet34_Weights, "get_state_dict", offline)
    with pytest.raises(ConnectionError, match=r"DEFAULT of resnet34 could not be downloaded .* path of a local file"):
        TorchvisionClassifier("resnet34", 3, weights="DEFAULT")


def test_small_resnet_has_the_weights_of_its_blocks_and_a_map_of_four_by_four():
    network = TorchvisionClassifier("small_resnet", 3).eval()
    stem, first, second = 5 * 5 * 3 * 16, 9 * (16 * 16 + 16 * 16), 9 * (16 * 32 + 32 * 32)
    third, fourth = 9 * (32 * 64 + 64 * 64), 9 * (64 * 64 + 64 * 64)
    shortcuts = (16 * 32 + 32) + (32 * 64 + 64) + (64 * 64 + 64)
    normalizations = 2 * (16 * 3 + 32 * 3 + 64 * 3 + 64 * 3)
    head = 64 * 3 + 3
    expected = stem + first + second + third + fourth + shortcuts + normalizations + head
    found = sum(parameter.numel() for parameter in network.parameters())
    assert found == expected
    shapes = []
    network.network.layer4.register_forward_hook(lambda _, __, output: shapes.append(output.shape))
    network(torch.rand(2, 3, 64, 64))
    assert shapes == [(2, 64, 4, 4)]
