"""An attack on what a network answers, whatever is true."""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor, nn

from custom.evaluation.wrapped_attack import WrappedAttack


class PredictionAttack(WrappedAttack):
    """Attack the classes that the network predicts instead of the true ones: can the prediction be changed?

    Needed if the true class is not known, as in use, and for images that are misclassified, which an attack on the true
    class leaves as they are or makes even more wrong.

    Args:
        attack: the attack; norm and radius are its own.

    Example:
        >>> import torch
        >>> from custom.attacks import FGSM
        >>> network = torch.nn.Flatten()  # two pixels, two classes
        >>> images, wrong = torch.tensor([[[[0.52, 0.5]]]]), torch.tensor([1])
        >>> PredictionAttack(FGSM(epsilon=0.02))(network, images, wrong).flatten()
        tensor([0.5000, 0.5200])
    """

    def with_epsilon(self, epsilon: float) -> Self:
        """The same attack with another radius; see the base class."""
        return type(self)(self.attack.with_epsilon(epsilon))

    @property
    def name(self) -> str:
        """The attack and what it is on."""
        return f"{type(self.attack).__name__} on predictions"

    def perturb(self, network: nn.Module, images: Tensor, labels: Tensor, epsilon: Tensor) -> Tensor:
        """Find the images; ``labels`` do not count."""
        with torch.no_grad():
            predicted = network(images).argmax(dim=1)
        return self.attack(network, images, predicted, epsilon)
