"""Fast gradient sign method."""

from torch import Tensor

from custom.acceleration import Accelerations
from custom.attacks.network_state import BatchNormMode
from custom.attacks.pgd import PGD


class FGSM(PGD):
    r"""Fast gradient sign method: :math:`x_{adv} = \mathrm{clip}(x + \epsilon\, \mathrm{sign}(\nabla_x L))`.

    One l-infinity step of the length of the radius in force.

    Args:
        epsilon: radius of the l-infinity ball, >= 0.
        targeted: see :class:`~custom.attacks.attack.Attack`.
        bounds: see :class:`~custom.attacks.attack.Attack`.
        batch_norm: see :class:`~custom.attacks.attack.Attack`.
        accelerations: see :class:`~custom.attacks.attack.Attack`.

    Raises:
        ValueError: an argument is outside its range.
    """

    def __init__(
        self,
        *,
        epsilon: float = 1 / 255,
        targeted: bool = False,
        bounds: tuple[float, float] = (0.0, 1.0),
        batch_norm: BatchNormMode = "evaluation",
        accelerations: Accelerations = "none",
    ) -> None:
        super().__init__(
            epsilon=epsilon,
            steps=1,
            norm="linf",
            targeted=targeted,
            bounds=bounds,
            batch_norm=batch_norm,
            accelerations=accelerations,
        )

    def step_length(self, epsilon: Tensor) -> Tensor:
        """The whole radius, (B,)."""
        return epsilon
