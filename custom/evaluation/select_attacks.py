"""From names to attacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from custom.attacks import Attack

CLEAN = "clean"


def select_attacks(
    table: Mapping[str, Attack], names: Sequence[str], epsilons: Mapping[str, Sequence[float]] | None = None
) -> dict[str, Attack]:
    """Pick attacks by name, and add the same attacks at other radii.

    Args:
        table: every attack that there is to choose from.
        names: which of them to run, in this order; ``"clean"`` stands for no attack and is always run.
        epsilons: for attacks of the table, further radii: ``{"pgd20": [0.1, 0.6]}`` adds ``pgd20@0.1`` and
            ``pgd20@0.6``.

    Returns:
        The attacks to run, by name.

    Raises:
        ValueError: if a name is not in the table, a radius is negative, or an attack is not exact.

    Example:
        >>> from custom.attacks import FGSM
        >>> list(select_attacks({"fgsm": FGSM()}, ["clean", "fgsm"], {"fgsm": [0.01]}))
        ['fgsm', 'fgsm@0.01']
    """
    grid = epsilons or {}
    for name in [*names, *grid]:
        if name != CLEAN and name not in table:
            raise ValueError(f"Unknown attack {name!r}: known are {', '.join([CLEAN, *table])}.")
    selected = {name: table[name] for name in names if name != CLEAN}
    for name, radii in grid.items():
        for radius in radii:
            if not radius >= 0:
                raise ValueError(f"epsilon of {name} must be a number >= 0, not {radius}.")
            selected[f"{name}@{radius:.4g}"] = table[name].with_epsilon(radius)
    for name, attack in selected.items():
        if not attack.exact:
            raise ValueError(
                f"The accelerations of {name} round the network: an evaluation takes exact ones, 'exact' or 'none'."
            )
    return selected
