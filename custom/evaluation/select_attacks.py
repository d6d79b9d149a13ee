"""From names to attacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

from custom.attacks import Attack, AutoAttack, MinimalNormAttack, StrongAttack
from custom.metrics import CLEAN, AttackKey


@dataclass(frozen=True)
class SelectedAttack:
    """An attack to run, with what its results are to be called.

    Attributes:
        name: its name in the table of attacks.
        attack: the attack, at the radius to run.
        further_radius: whether the radius is one of a grid instead of the table's own.
    """

    name: str
    attack: Attack
    further_radius: bool = False

    @property
    def key(self) -> AttackKey:
        """What identifies its results."""
        return AttackKey(self.name, self.attack.norm, self.attack.epsilon)

    @property
    def survivors_only(self) -> bool:
        """Whether it attacks only images that withstood every other attack in the ball."""
        return isinstance(self.attack, StrongAttack)

    @property
    def strong(self) -> bool:
        """Whether what it leaves is close to what any known attack leaves."""
        return isinstance(self.attack, StrongAttack | AutoAttack)

    @property
    def minimal(self) -> bool:
        """Whether it looks for each image's smallest radius, and its own radius is only the largest to search."""
        return isinstance(self.attack, MinimalNormAttack)

    @property
    def every_image(self) -> bool:
        """Whether each image comes back at its highest loss, so that metrics of probabilities mean something."""
        return not (self.strong or self.minimal)


def select_attacks(
    table: Mapping[str, Attack], names: str | Sequence[str], epsilons: Mapping[str, Any] | None = None
) -> list[SelectedAttack]:
    """Pick attacks by name, and add the same attacks at other radii.

    Args:
        table: every attack that there is to choose from.
        names: which of them to run, in this order, or one alone; ``"clean"`` stands for no attack and is always run.
        epsilons: for attacks of the table, further radii: ``{"pgd20": [0.1, 0.6]}`` runs ``pgd20`` at 0.1 and 0.6, too.

    Returns:
        The attacks to run; those that attack only what others leave come last.

    Raises:
        ValueError: if a name is not in the table, a radius is not a number, or negative, or an attack is not exact.

    Example:
        >>> from custom.attacks import FGSM
        >>> [item.key.epsilon for item in select_attacks({"fgsm": FGSM(epsilon=0.1)}, "fgsm", {"fgsm": [0.01]})]
        [0.1, 0.01]
    """
    names = [names] if isinstance(names, str) else list(names or ())
    if epsilons is not None and not isinstance(epsilons, Mapping):
        raise ValueError(f"epsilons must name attacks and their radii, such as {{'pgd20': [0.1]}}, not {epsilons!r}.")
    grid = {name: _radii(name, radii) for name, radii in (epsilons or {}).items()}
    for name in [*names, *grid]:
        if name != CLEAN and name not in table:
            raise ValueError(f"Unknown attack {name!r}; use {', '.join([CLEAN, *table])}.")
    selected = [SelectedAttack(name, table[name]) for name in dict.fromkeys(names) if name != CLEAN]
    for name, radii in grid.items():
        further = [radius for radius in dict.fromkeys(radii) if not (name in names and radius == table[name].epsilon)]
        selected += [SelectedAttack(name, table[name].with_epsilon(radius), further_radius=True) for radius in further]
    for item in selected:
        if not item.attack.exact:
            raise ValueError(
                f"The accelerations of {item.name} round the network; pass exact ones to an evaluation: 'exact' or "
                "'none'."
            )
    return sorted(selected, key=lambda item: item.survivors_only)


def _radii(name: str, radii: Any) -> list[float]:
    values = [radii] if isinstance(radii, Real) else radii
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise ValueError(f"epsilons of {name} must be a list of numbers, not {radii!r}.")
    for radius in values:
        if isinstance(radius, bool) or not isinstance(radius, Real) or not 0 <= float(radius) < float("inf"):
            raise ValueError(f"epsilon of {name} must be a number >= 0, not {radius}.")
    return [float(radius) for radius in values]
