"""Several attacks one after the other, each on what withstood those before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from torch import Tensor, nn

from custom.attacks.attack import Attack
from custom.attacks.selection import padded_selection
from custom.attacks.worst_case import WorstCase


class AttackEnsemble(Attack):
    """The worst case per image over several attacks in the same ball.

    Each attack gets only the images that withstood those before it. An image that withstands all comes back as the
    example with the largest cross-entropy.

    Args:
        attacks: at least one, all with the same norm, radius, bounds and kind of labels.

    Raises:
        ValueError: there is none, or they differ in one of these.

    Example:
        >>> from custom.attacks import PGD, SquareAttack
        >>> attacks = [PGD(epsilon=0.3, steps=20), SquareAttack(epsilon=0.3, num_classes=3, square_queries=1000)]
        >>> AttackEnsemble(attacks).name
        'PGD, then Square (1000 queries)'
    """

    def __init__(self, attacks: Sequence[Attack]) -> None:
        if not attacks:
            raise ValueError("An ensemble needs at least one attack.")
        first = attacks[0]
        for attack in attacks[1:]:
            for key in ("norm", "epsilon", "bounds", "targeted"):
                one, other = getattr(first, key), getattr(attack, key)
                if one != other:
                    raise ValueError(f"The attacks of an ensemble must have the same {key}, not {one} and {other}.")
        super().__init__(epsilon=first.epsilon, norm=first.norm, targeted=first.targeted, bounds=first.bounds)
        self.attacks = tuple(attacks)

    @property
    def name(self) -> str:
        """The attacks in their order."""
        return ", then ".join(str(getattr(attack, "name", type(attack).__name__)) for attack in self.attacks)

    @property
    def exact(self) -> bool:
        """Whether all attacks are exact; see the base class."""
        return all(attack.exact for attack in self.attacks)

    @property
    def warnings(self) -> list[str]:
        """What the attacks warned of."""
        return [warning for attack in self.attacks for warning in getattr(attack, "warnings", ())]

    def with_epsilon(self, epsilon: float) -> Self:
        """The same attacks with another radius; see the base class."""
        return type(self)([attack.with_epsilon(epsilon) for attack in self.attacks])

    def reset(self, seed: int | None = None) -> None:
        """Reset all attacks; see the base class."""
        for attack in self.attacks:
            attack.reset(seed)

    def perturb(self, network: nn.Module, images: Tensor, labels: Tensor, epsilon: Tensor) -> Tensor:
        """Attack all images with the first, and those that withstand with the next; see the base class."""
        found = self.attacks[0](network, images, labels, epsilon)
        worst = WorstCase(network, labels, found, targeted=self.targeted)
        for attack in self.attacks[1:]:
            count = int((~worst.fooled).sum())
            if not count:
                break
            left = padded_selection(~worst.fooled)
            worst.update(attack(network, images[left], labels[left], epsilon[left]), left, count)
        return worst.images_adv
