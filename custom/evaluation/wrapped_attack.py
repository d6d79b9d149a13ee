"""An attack that changes what another one is asked."""

from __future__ import annotations

from custom.attacks import Attack


class WrappedAttack(Attack):
    """Make an attack by means of another one, whose norm, radius, bounds, random numbers and exactness it has.

    Derived classes define ``perturb``, ``name`` and ``with_epsilon``.

    Args:
        attack: the other one.
    """

    def __init__(self, attack: Attack) -> None:
        super().__init__(epsilon=attack.epsilon, norm=attack.norm, bounds=attack.bounds)
        self.attack = attack

    @property
    def exact(self) -> bool:
        """Whether the attack is exact; see the base class."""
        return self.attack.exact

    def reset(self, seed: int | None = None) -> None:
        """Reset the attack; see the base class."""
        self.attack.reset(seed)
