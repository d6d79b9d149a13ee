import pytest
import torch
from monai.networks.nets import DenseNet121
from torch import nn
from torchvision.models import SwinTransformer, VisionTransformer

from custom.explain import TargetLayer, find_target_layer
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
    assert find_target_layer(network, torch.rand(2, 3, 128, 128)).name == LAYERS[name]
    assert [module.training for module in network.modules()] == modes
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in network.modules())


def test_volumes():
    network = DenseNet121(spatial_dims=3, in_channels=1, out_channels=2)
    assert find_target_layer(network, torch.rand(1, 1, 64, 64, 64)) == TargetLayer("class_layers.relu", (2, 2, 2))


def test_a_map_of_one_pixel_shows_nothing():
    # At 32x32 layer4 of a ResNet has one pixel, layer3 four.
    network = TorchvisionClassifier("resnet18", 3)
    assert find_target_layer(network, torch.rand(1, 3, 32, 32)) == TargetLayer("network.layer3", (2, 2))
    with pytest.raises(ValueError, match="no feature map larger than one pixel on images of 4x4"):
        find_target_layer(nn.Sequential(nn.Flatten(), nn.Linear(48, 3)), torch.rand(1, 3, 4, 4))


def test_tokens_of_a_vision_transformer():
    """The last block's output has no evidence in its patches, because the head sees the class token only."""
    network = VisionTransformer(64, 16, num_layers=2, num_heads=2, hidden_dim=16, mlp_dim=32, num_classes=3)
    images = torch.rand(1, 3, 64, 64)
    expected = TargetLayer("encoder.layers.encoder_layer_1.ln_1", (4, 4), "tokens")
    assert find_target_layer(network, images) == expected
    with pytest.raises(ValueError, match=r"'encoder\.ln' has no feature map on which the classes depend"):
        find_target_layer(network, images, "encoder.ln")


class VolumeTransformer(nn.Module):
    """One attention over the patches of a volume and a class token."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv3d(1, 8, 8, 8)
        self.norm = nn.LayerNorm(8)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.mlp = nn.Linear(8, 8)
        self.head = nn.Linear(8, 2)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        tokens = self.patches(images).flatten(2).transpose(1, 2)
        tokens = self.norm(torch.cat([torch.zeros_like(tokens[:, :1]), tokens], 1))
        return self.head(self.mlp(self.attention(tokens, tokens, tokens)[0])[:, 0])


def test_tokens_of_a_volume():
    layer = find_target_layer(VolumeTransformer(), torch.rand(1, 1, 32, 32, 16))
    assert layer == TargetLayer("norm", (4, 4, 2), "tokens")
    # Patches are in the order of memory: the last axis of the volume varies fastest.
    tokens = torch.cat([torch.full((1, 1, 1), -1.0), torch.arange(32.0).view(1, 32, 1)], 1)
    assert torch.equal(layer.feature_map(tokens)[0, 0], torch.arange(32.0).view(4, 4, 2))


def test_channels_last_maps_of_a_swin_transformer():
    network = SwinTransformer([4, 4], 16, [1, 1], [2, 2], [4, 4], num_classes=3)
    images = torch.rand(1, 3, 64, 48)
    assert find_target_layer(network, images) == TargetLayer("permute", (8, 6))
    assert find_target_layer(network, images, "features.3") == TargetLayer("features.3", (8, 6), "channels_last")


def test_tokens_without_a_known_grid_are_refused():
    # Patches cut out without a convolution leave no map that tells how the tokens lie.
    class Patches(nn.Module):
        def forward(self, images):
            return nn.functional.unfold(images, 4, stride=4).transpose(1, 2)

    network = nn.Sequential(Patches(), nn.LayerNorm(48), nn.Flatten(), nn.Linear(4 * 48, 2))
    with pytest.raises(ValueError, match="no feature map larger than one pixel on images of 8x8"):
        find_target_layer(network, torch.rand(1, 3, 8, 8))
    with pytest.raises(ValueError, match="'1' has no feature map"):
        find_target_layer(network, torch.rand(1, 3, 8, 8), "1")
