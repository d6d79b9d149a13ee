"""Small networks and images that the attack tests share."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn


class Classifier(nn.Sequential):
    """Convolution, BatchNorm with statistics that matter, dropout, three logits; any spatial rank."""

    def __init__(self, rank: int = 2, channels: int = 3, scale: float = 1.0) -> None:
        convolution = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[rank - 1]
        norm = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)[rank - 1]
        pool = (nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d)[rank - 1]
        # Softplus: a smooth loss has no kinks at which rounding picks another gradient.
        super().__init__(
            convolution(channels, 6, 3, padding=1),
            norm(6),
            nn.Softplus(),
            pool(2),
            nn.Flatten(),
            nn.Dropout(0.5),
            nn.Linear(6 * 2**rank, 3),
        )
        generator = torch.Generator().manual_seed(rank)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=generator))
            self[1].running_mean.uniform_(-0.5, 0.5, generator=generator)
            self[1].running_var.uniform_(0.5, 2.0, generator=generator)
            self[-1].weight.mul_(scale)


def make_images(count: int, *shape: int, seed: int = 0) -> Tensor:
    """Images of which many values lie on the bounds, so that clipping happens."""
    generator = torch.Generator().manual_seed(seed)
    return (torch.rand(count, *shape, generator=generator) * 1.6 - 0.3).clamp(0, 1)


@pytest.fixture
def network() -> nn.Module:
    return Classifier()


@pytest.fixture
def saturated_network() -> nn.Module:
    return Classifier(scale=40.0)


@pytest.fixture
def images() -> Tensor:
    return make_images(6, 3, 9, 9)


@pytest.fixture
def labels() -> Tensor:
    return torch.tensor([0, 1, 2, 0, 1, 2])


@pytest.fixture
def make_classifier() -> type[Classifier]:
    return Classifier


@pytest.fixture(name="make_images")
def make_images_fixture() -> Callable[..., Tensor]:
    return make_images
