"""Square, the black-box attack of AutoAttack, alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from custom.attacks.autoattack import AutoAttack, Part


@dataclass(kw_only=True, eq=False)
class SquareAttack(AutoAttack):
    """Square (Andriushchenko et al., 2020): random search that asks the network for nothing but logits.

    Without gradients it is not misled by a network that masks them: if it beats PGD, PGD's robust accuracy is not
    to be trusted. It needs some thousand queries to be a threat at all.

    Args:
        **options: see :class:`~custom.attacks.autoattack.AutoAttack`.
    """

    parts: Sequence[Part] | None = ("square",)
