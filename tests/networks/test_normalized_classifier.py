import pytest
import torch
from monai.networks.nets import DenseNet121
from torch import nn

from custom.networks import NormalizedClassifier


def test_normalizes_every_channel_by_hand():
    network = NormalizedClassifier(nn.Flatten(), mean=[0.5, 0.25], std=[0.25, 0.5])
    images = torch.tensor([[[[1.0]], [[0.75]]], [[[0.0]], [[0.0]]]])
    torch.testing.assert_close(network(images), torch.tensor([[2.0, 1.0], [-2.0, -0.5]]))


def test_one_channel_is_repeated():
    network = NormalizedClassifier(nn.Flatten(), mean=[0.5, 0.0], std=[0.5, 1.0])
    torch.testing.assert_close(network(torch.ones(1, 1, 1, 1)), torch.tensor([[1.0, 1.0]]))


def test_normalizes_volumes():
    inner = DenseNet121(spatial_dims=3, in_channels=1, out_channels=2).eval()
    volumes = torch.rand(2, 1, 32, 32, 32)
    network = NormalizedClassifier(inner, mean=[0.4], std=[0.2]).eval()
    torch.testing.assert_close(network(volumes), inner((volumes - 0.4) / 0.2))


def test_normalization_travels_with_the_state_dict():
    source = NormalizedClassifier(nn.Flatten(), mean=[0.1], std=[0.2])
    target = NormalizedClassifier(nn.Flatten(), mean=[0.5], std=[0.5])
    target.load_state_dict(source.state_dict())
    assert target.mean.tolist() == source.mean.tolist()
    assert target.std.tolist() == source.std.tolist()


def test_wrong_numbers_are_refused():
    with pytest.raises(ValueError, match="mean has 3 and std 1"):
        NormalizedClassifier(nn.Flatten(), mean=[0, 0, 0], std=[1])
    with pytest.raises(ValueError, match="must be greater than 0"):
        NormalizedClassifier(nn.Flatten(), mean=[0, 0], std=[1, 0])
    with pytest.raises(ValueError, match="4 channels instead of 3 or 1"):
        NormalizedClassifier(nn.Flatten(), mean=[0] * 3, std=[1] * 3)(torch.rand(1, 4, 2, 2))
