"""A small network trained in a second, on images whose classes an attack of 0.3 confuses in part."""

import functools

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from custom.attacks import PGD


class Scaled(nn.Module):
    """A network with its logits multiplied, which changes no prediction."""

    def __init__(self, network: nn.Module, factor: float) -> None:
        super().__init__()
        self.network, self.factor = network, factor

    def forward(self, images: Tensor) -> Tensor:
        """The logits times the factor."""
        return self.factor * self.network(images)


@functools.cache
def trained_network(robust: bool = True) -> tuple[nn.Module, Tensor, Tensor]:
    """A network after 30 epochs, adversarial or standard, and 128 images with labels that it has not seen.

    Trained in float64, so that the weights are the same on every processor up to the rounding of float32.
    """
    generator = torch.Generator().manual_seed(0)
    patterns = torch.rand(3, 1, 8, 8, generator=generator)
    labels = torch.arange(256) % 3
    noise = torch.randn(256, 1, 8, 8, generator=generator)
    images = (0.5 + 0.18 * (patterns[labels] - 0.5) + 0.12 * noise).clamp(0, 1).double()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(8, 16, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(256, 3),
        ).double()
    optimizer = torch.optim.Adam(network.parameters(), 3e-3)
    attack = PGD(epsilon=0.3, steps=4, step_size=0.15)
    for _ in range(30):
        for batch in torch.arange(128).split(32):
            clean = images[batch]
            seen = attack(network, clean, labels[batch]) if robust else clean
            optimizer.zero_grad()
            F.cross_entropy(network(seen), labels[batch]).backward()
            optimizer.step()
    return network.float().eval().requires_grad_(False), images[128:].float(), labels[128:]


def correct(network: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    """Which images are classified correctly, (B,)."""
    with torch.no_grad():
        return network(images).argmax(1) == labels
