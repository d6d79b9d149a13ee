"""A network, images and labels to measure on."""

import copy
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from custom.acceleration import Accelerations
from custom.attacks import PGD
from custom.networks import TorchvisionClassifier

EPSILON, STEP_SIZE, STEPS = 0.3, 0.15, 7
CLASSES = 3


@dataclass
class Problem:
    """What every implementation gets.

    Attributes:
        network: a classifier with random weights and settled BatchNorm statistics, in training mode.
        images: (B, 3, size, size) in [0, 1].
        labels: (B,).
    """

    network: nn.Module
    images: Tensor
    labels: Tensor

    @property
    def device(self) -> torch.device:
        """The device of the images."""
        return self.images.device

    def channels_last(self) -> "Problem":
        """The same problem with a copy of the network in the memory format of the training config."""
        return replace(self, network=copy.deepcopy(self.network).to(memory_format=torch.channels_last))


def make_problem(name: str, size: int, batch_size: int, device: torch.device, seed: int = 0) -> Problem:
    """Build a classifier and a random batch.

    Args:
        name: a torchvision model, see :class:`custom.networks.TorchvisionClassifier`.
        size: height and width of the images.
        batch_size: number of images.
        device: where to put them.
        seed: of weights, images and labels.

    Returns:
        The problem.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = TorchvisionClassifier(name, num_classes=CLASSES).to(device)
        images = torch.rand(batch_size, 3, size, size).to(device)
        labels = torch.randint(CLASSES, (batch_size,)).to(device)
        network.train()
        with torch.no_grad():
            # Without statistics of its own, a random network's activations vanish or explode.
            for _ in range(20):
                network(images[:8])
    return Problem(network, images, labels)


def training_adversary(accelerations: Accelerations = "none") -> PGD:
    """The seven-step l2 attack that every implementation runs."""
    return PGD(epsilon=EPSILON, step_size=STEP_SIZE, steps=STEPS, norm="l2", accelerations=accelerations)
