import torch
from torch import nn

from custom.attacks import FGSM
from custom.export.formats import export_network
from custom.export.onnx_network import OnnxNetwork
from custom.export.quantization import accuracies, quantize
from scripts.export_model import main


def test_eight_bits_are_smaller_and_almost_the_same(tmp_path):
    torch.manual_seed(0)
    layers = (
        nn.Conv2d(3, 64, 3),
        nn.ReLU(),
        nn.Conv2d(64, 32, 3),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(32, 3),
    )
    network, images = nn.Sequential(*layers).eval(), torch.rand(16, 3, 12, 12)
    full, small = tmp_path / "model.onnx", tmp_path / "model_int8.onnx"
    export_network(network, images, "onnx", full)
    quantize(full, small, images.split(8))
    assert small.stat().st_size < 0.5 * full.stat().st_size
    with torch.no_grad():
        expected = network(images)
    for batch in (images, images[:1]):
        found = OnnxNetwork(small)(batch)
        assert found.shape == (len(batch), 3)
        assert (found - expected[: len(batch)]).abs().max() < 0.05 * expected.abs().max()


class Mean(nn.Module):
    """Logit of class 1: how much brighter than 0.5 an image is."""

    def forward(self, images):
        mean = images.mean(dim=(1, 2, 3)) - 0.5
        return torch.stack([-mean, mean], dim=1)


def test_accuracies_on_images_that_fool_the_reference():
    # Margins of 0.01 are lost to a radius of 0.02, margins of 0.1 are kept; the second network answers 1 always.
    brightness = torch.tensor([0.4, 0.49, 0.51, 0.6])
    batch = {"image": brightness.view(4, 1, 1, 1).expand(4, 3, 2, 2), "label": torch.tensor([0, 0, 1, 1])}
    networks = {"same": Mean(), "one": lambda images: torch.tensor([[0.0, 1.0]]).expand(len(images), 2)}
    found = accuracies(networks, Mean(), FGSM(epsilon=0.02), [batch, batch])
    assert found == {"same": {"clean": 1.0, "attacked": 0.5}, "one": {"clean": 0.5, "attacked": 0.5}}


def test_no_data_no_quantization(capsys):
    assert main(["--quantize", "int8"]) == 1
    assert "--quantize needs the format onnx, and --data" in capsys.readouterr().err


def test_missing_weights(tmp_path, capsys):
    assert main(["--checkpoint", str(tmp_path / "model.pt"), "--output", str(tmp_path / "out")]) == 1
    assert "No checkpoint" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
