"""Fast gradient sign method."""

from dataclasses import dataclass

from custom.attacks.norms import Norm
from custom.attacks.pgd import PGD


@dataclass(kw_only=True, eq=False)
class FGSM(PGD):
    r"""Fast gradient sign method: :math:`x_{adv} = \mathrm{clip}(x + \epsilon\, \mathrm{sign}(\nabla_x L))`.

    PGD with other defaults: one step of the length of the radius, in the l-infinity ball.

    Args:
        epsilon: radius of the l-infinity ball, >= 0.
        **options: see :class:`~custom.attacks.pgd.PGD`.
    """

    epsilon: float = 1 / 255
    norm: Norm = "linf"
    steps: int = 1
