"""Iterated fast gradient sign method."""

from torch import Tensor

from custom.acceleration import Accelerations
from custom.attacks.network_state import BatchNormMode
from custom.attacks.pgd import PGD


class IFGSM(PGD):
    """Iterated fast gradient sign method: PGD in the l-infinity ball, from x, with sign steps.

    Its step is a fraction of the radius in force, so it scales with the radius along a grid.

    Args:
        epsilon: radius of the l-infinity ball, >= 0.
        steps: number of steps, >= 1.
        step_fraction: length of a step as a fraction of the radius, > 0.
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
        steps: int = 10,
        step_fraction: float = 0.25,
        targeted: bool = False,
        bounds: tuple[float, float] = (0.0, 1.0),
        batch_norm: BatchNormMode = "evaluation",
        accelerations: Accelerations = "none",
    ) -> None:
        super().__init__(
            epsilon=epsilon,
            steps=steps,
            norm="linf",
            targeted=targeted,
            bounds=bounds,
            batch_norm=batch_norm,
            accelerations=accelerations,
        )
        if not step_fraction > 0:
            raise ValueError(f"step_fraction must be greater than 0, not {step_fraction}.")
        self.step_fraction = step_fraction

    def step_length(self, epsilon: Tensor) -> Tensor:
        """The fraction of the radius in force, (B,)."""
        return self.step_fraction * epsilon
