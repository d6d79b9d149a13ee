import numpy as np
import pytest
import torch
from monai.visualize import GradCAM as MonaiGradCAM
from pytorch_grad_cam import GradCAM, GradCAMPlusPlus
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import nn
from torch.nn import functional as F
from torchvision.models import SwinTransformer, VisionTransformer

from custom.explain import find_target_layer, grad_cam
from custom.networks import TorchvisionClassifier, head_parameters

SIX = ["resnet34", "inception_v3", "densenet121", "mobilenet_v2", "shufflenet_v2_x1_0", "squeezenet1_0"]


def usual_network(name: str) -> nn.Module:
    """A network with statistics of real batches, and with gradients far above the constants added to divisors."""
    torch.manual_seed(0)
    network = TorchvisionClassifier(name, 3)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 1.0
    network.train()(torch.rand(4, 3, 96, 96))
    with torch.no_grad():
        for parameter in head_parameters(network):
            parameter *= 1e5
    return network.eval()


class Tiny(nn.Module):
    """Channels weighted by the head after pooling, so that Grad-CAM is known by hand: ReLU(sum_k w_ck A_k)."""

    def __init__(self, weight: torch.Tensor, inplace: bool = False) -> None:
        super().__init__()
        self.features = nn.Identity()
        self.relu = nn.ReLU(inplace)
        self.fc = nn.Linear(*weight.shape[::-1], bias=False)
        self.fc.weight.data = weight

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc(self.relu(self.features(x)).flatten(2).mean(2))


@pytest.mark.parametrize("name", SIX)
def test_equals_the_grad_cam_package(name):
    network, images, classes = usual_network(name), torch.rand(3, 3, 96, 96), torch.tensor([2, 0, 1])
    layer = find_target_layer(network, images)
    targets = [ClassifierOutputTarget(int(label)) for label in classes]
    for method, reference in (("grad_cam", GradCAM), ("grad_cam_pp", GradCAMPlusPlus)):
        ours = grad_cam(network, images, classes, method=method)
        assert ours.shape == (3, 1, 96, 96)
        with reference(network, [network.get_submodule(layer.name)]) as package:
            expected = package(images, targets)
        assert ours.max() == 1
        np.testing.assert_allclose(ours[:, 0].numpy(), expected, atol=1e-4)


def token_network() -> nn.Module:
    return VisionTransformer(64, 16, num_layers=3, num_heads=2, hidden_dim=32, mlp_dim=64, num_classes=3)


def swin_network() -> nn.Module:
    return SwinTransformer([4, 4], 24, [1, 2], [2, 4], [4, 4], num_classes=3)


@pytest.mark.parametrize(
    ("make", "name", "usual"),
    [
        (token_network, None, "encoder.layers.encoder_layer_2.ln_1"),
        (token_network, "encoder.layers.encoder_layer_1.ln_2", "encoder.layers.encoder_layer_1.ln_2"),
        (swin_network, None, "norm"),
        (swin_network, "features.3.1.norm1", "features.3.1.norm1"),
    ],
)
def test_transformers_equal_the_grad_cam_package_with_its_reshape(make, name, usual):
    torch.manual_seed(0)
    network, images, classes = make().eval(), torch.rand(2, 3, 64, 64), torch.tensor([2, 0])
    nn.init.normal_(head_parameters(network)[0], std=1e5)
    targets = [ClassifierOutputTarget(int(label)) for label in classes]

    def reshape(tensor):
        if tensor.dim() == 3:
            tensor = tensor[:, 1:].reshape(len(tensor), 4, 4, -1)
        return tensor.permute(0, 3, 1, 2)

    for method, reference in (("grad_cam", GradCAM), ("grad_cam_pp", GradCAMPlusPlus)):
        ours = grad_cam(network, images, classes, name, method)
        with reference(network, [network.get_submodule(usual)], reshape_transform=reshape) as package:
            expected = package(images, targets)
        assert ours.any()
        np.testing.assert_allclose(ours[:, 0].numpy(), expected, atol=1e-4)


def test_hand_computed():
    network = Tiny(torch.tensor([[1.0, -1.0], [0.0, 2.0]]))
    images = torch.tensor([[[[4.0, 1.0]], [[1.0, 1.0]]], [[[1.0, 1.0]], [[0.0, 3.0]]]])
    maps = grad_cam(network, images, torch.tensor([0, 1]), target_layer="features")
    # Class 0: ReLU(A_0 - A_1) = (3, 0). Class 1: 2 A_1 = (0, 6); the ReLU passes nothing on at 0.
    torch.testing.assert_close(maps[:, 0, 0], torch.tensor([[1.0, 0.0], [0.0, 1.0]]))


def test_grad_cam_pp_by_its_equation():
    torch.manual_seed(0)
    images = torch.rand(2, 3, 5, 5, dtype=torch.float64)
    network = Tiny(torch.tensor([[0, 0, 0], [3e-4, -5e-4, 9e-4]], dtype=torch.float64))
    maps = grad_cam(network, images, 1, target_layer="features", method="grad_cam_pp")
    gradient = (network.fc.weight[1] / 25).view(1, 3, 1, 1).expand_as(images)
    total = images.sum((2, 3), keepdim=True)
    alpha = gradient**2 / (2 * gradient**2 + total * gradient**3)
    weights = (alpha * F.relu(gradient)).sum((2, 3), keepdim=True)
    expected = F.relu((weights * images).sum(1, keepdim=True))
    low, high = expected.amin((2, 3), keepdim=True), expected.amax((2, 3), keepdim=True)
    torch.testing.assert_close(maps, (expected - low) / (high - low), rtol=0, atol=1e-6)


@pytest.mark.parametrize("method", ["grad_cam", "grad_cam_pp"])
def test_a_mixed_batch_equals_its_images_one_by_one(method):
    network, images = usual_network("squeezenet1_0"), torch.rand(4, 3, 64, 64)
    with torch.no_grad():
        # Shift the logits so that the batch has predictions of several classes.
        logits = network(images)
        network.network.classifier[1].bias -= logits.mean(0)
        predicted = network(images).argmax(1)
    assert len(predicted.unique()) > 1
    batch = grad_cam(network, images, method=method)
    single = torch.cat([grad_cam(network, image[None], method=method) for image in images])
    torch.testing.assert_close(batch, single, rtol=0, atol=1e-4)
    torch.testing.assert_close(batch, grad_cam(network, images, predicted, method=method))


def test_equals_monai_one_by_one_the_other_way_up():
    network, image = usual_network("resnet18"), torch.rand(1, 3, 96, 96)
    ours = grad_cam(network, image, 1, target_layer="network.layer4")
    inverted = MonaiGradCAM(network, "network.layer4")(image, class_idx=1)
    torch.testing.assert_close(ours, 1 - inverted, rtol=0, atol=1e-5)


@pytest.mark.parametrize("training", [True, False])
def test_the_network_is_as_it_was_and_can_be_exported(training):
    network = usual_network("resnet18").train(training)
    network.network.bn1.eval()
    first, *_ = network.parameters()
    first.requires_grad_(False)
    head_parameters(network)[0].grad = torch.ones_like(head_parameters(network)[0])
    state = {key: value.clone() for key, value in network.state_dict().items()}
    found = [(p.requires_grad, p.grad) for p in network.parameters()]
    modes = [module.training for module in network.modules()]
    images = torch.rand(2, 3, 64, 64)
    grad_cam(network, images)
    assert [(p.requires_grad, p.grad) for p in network.parameters()] == found
    assert [module.training for module in network.modules()] == modes
    assert all(torch.equal(value, state[key]) for key, value in network.state_dict().items())
    assert not any(m._forward_hooks or m._backward_hooks for m in network.modules())
    assert not images.requires_grad
    scripted = torch.jit.script(network.eval())
    torch.testing.assert_close(scripted(images), network(images))


def test_the_network_is_as_it_was_after_an_error():
    network = usual_network("squeezenet1_0").train()
    with pytest.raises(RuntimeError):
        grad_cam(network, torch.rand(2, 3, 64, 64), torch.tensor([0, 7]))
    assert network.training
    assert all(parameter.requires_grad for parameter in network.parameters())
    assert not any(module._forward_hooks for module in network.modules())


def test_frozen_networks_and_no_grad():
    network, images = usual_network("squeezenet1_0"), torch.rand(1, 3, 64, 64)
    expected = grad_cam(network, images, 0)
    with torch.no_grad():
        torch.testing.assert_close(grad_cam(network.requires_grad_(False), images, 0), expected)


def test_in_place_layers_do_not_change_what_was_recorded():
    images = torch.randn(2, 2, 4, 4)
    weight = torch.tensor([[1.0, -1.0], [0.0, 2.0]])
    maps = [grad_cam(Tiny(weight, inplace), images.clone(), 0, target_layer="features") for inplace in (False, True)]
    torch.testing.assert_close(*maps)


def test_no_evidence_gives_zeros():
    network = Tiny(-torch.ones(2, 2))
    assert not grad_cam(network, torch.rand(1, 2, 3, 3), 0, target_layer="features").any()


def test_volumes():
    network = Tiny(torch.tensor([[1.0], [-1.0]]))
    volume = torch.rand(1, 1, 3, 4, 5)
    low, high = volume.min(), volume.max()
    maps = grad_cam(network, volume, 0, target_layer="features")
    torch.testing.assert_close(maps, (volume - low) / (high - low))


def test_errors():
    network, images = usual_network("squeezenet1_0"), torch.rand(1, 3, 64, 64)
    with pytest.raises(ValueError, match="Unknown method 'cam'; use one of grad_cam, grad_cam_pp"):
        grad_cam(network, images, method="cam")
    with pytest.raises(ValueError, match="no layer 'layer9'; pass a name such as"):
        grad_cam(network, images, target_layer="layer9")
    with pytest.raises(ValueError, match="'fc' has no feature map"):
        grad_cam(Tiny(torch.ones(2, 3)), images, target_layer="fc")
