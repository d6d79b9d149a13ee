"""Iterated fast gradient sign method."""

from dataclasses import dataclass

from custom.attacks.norms import Norm
from custom.attacks.pgd import PGD


@dataclass(kw_only=True, eq=False)
class IFGSM(PGD):
    """Iterated fast gradient sign method.

    PGD with other defaults: ten steps of a quarter of the radius, in the l-infinity ball.

    Args:
        epsilon: radius of the l-infinity ball, >= 0.
        steps: number of steps, >= 1.
        **options: see :class:`~custom.attacks.pgd.PGD`.
    """

    epsilon: float = 1 / 255
    norm: Norm = "linf"
    steps: int = 10
