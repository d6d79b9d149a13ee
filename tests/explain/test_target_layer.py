import pytest
import torch
from monai.networks.nets import DenseNet121
from torch import nn

from custom.explain import find_target_layer
from custom.networks import TorchvisionClassifier

LAYERS = {
    "resnet34": "network.layer4",
    "inception_v3": "network.Mixed_7c",
    "densenet121": "network.features",
    "mobilenet_v2": "network.features",
    "shufflenet_v2_x1_0": "network.conv5",
    "squeezenet1_0": "network.features",
}


@pytest.mark.parametrize("name", LAYERS)
def test_the_feature_map_that_is_pooled(name):
    network = TorchvisionClassifier(name, 3)
    modes = [module.training for module in network.modules()]
    assert find_target_layer(network, torch.rand(2, 3, 128, 128)) == LAYERS[name]
    assert [module.training for module in network.modules()] == modes
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in network.modules())


def test_volumes():
    network = DenseNet121(spatial_dims=3, in_channels=1, out_channels=2)
    assert find_target_layer(network, torch.rand(1, 1, 64, 64, 64)) == "class_layers.relu"


def test_a_map_of_one_pixel_shows_nothing():
    # At 32x32 layer4 of a ResNet has one pixel, layer3 four.
    network = TorchvisionClassifier("resnet18", 3)
    assert find_target_layer(network, torch.rand(1, 3, 32, 32)) == "network.layer3"
    with pytest.raises(ValueError, match="no feature map larger than one pixel on images of 4x4"):
        find_target_layer(nn.Sequential(nn.Flatten(), nn.Linear(48, 3)), torch.rand(1, 3, 4, 4))
