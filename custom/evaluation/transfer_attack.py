"""Adversarial images made on one network and tried on another."""

from __future__ import annotations

from typing import Self

from torch import Tensor, nn

from custom.attacks import Attack
from custom.evaluation.wrapped_attack import WrappedAttack


class TransferAttack(WrappedAttack):
    """Attack a surrogate network and give the images found to the network under test: a black-box attack.

    Args:
        attack: finds adversarial images for the surrogate; norm and radius are its own.
        surrogate: maps images to logits of the same classes.

    Example:
        >>> import torch
        >>> from custom.attacks import FGSM
        >>> make = lambda: torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 2))
        >>> transfer = TransferAttack(FGSM(epsilon=0.1), make())
        >>> transfer(make(), torch.rand(1, 1, 2, 2), torch.tensor([0])).shape
        torch.Size([1, 1, 2, 2])
    """

    def __init__(self, attack: Attack, surrogate: nn.Module) -> None:
        super().__init__(attack)
        self.surrogate = surrogate

    def with_epsilon(self, epsilon: float) -> Self:
        """The same attack on the same surrogate with another radius; see the base class."""
        return type(self)(self.attack.with_epsilon(epsilon), self.surrogate)

    @property
    def name(self) -> str:
        """The attack and where it is made."""
        return f"{type(self.attack).__name__} on another network"

    def perturb(self, network: nn.Module, images: Tensor, labels: Tensor, epsilon: Tensor) -> Tensor:
        """Find the images on the surrogate; ``network`` is not asked."""
        return self.attack(self.surrogate.to(images.device), images, labels, epsilon)
