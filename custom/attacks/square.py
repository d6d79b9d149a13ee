"""Square, the black-box attack of AutoAttack, alone."""

from custom.acceleration import Accelerations
from custom.attacks.autoattack import AutoAttack
from custom.attacks.network_state import BatchNormMode
from custom.attacks.norms import Norm


class SquareAttack(AutoAttack):
    """Square (Andriushchenko et al., 2020): random search that asks the network for logits alone.

    Without gradients it cannot be fooled by a network that hides them: where it beats PGD, PGD's robust
    accuracy is not to be trusted.

    Args:
        epsilon: radius of the ball, >= 0.
        num_classes: number of classes.
        norm: ``"l2"`` or ``"linf"``.
        seed: seed of the search, the same for every call.
        queries: forward passes it may spend on a sample, >= 1.
        batch_norm: see :class:`~custom.attacks.attack.Attack`.
        accelerations: see :class:`~custom.attacks.attack.Attack`; exact ones only.

    Raises:
        ValueError: an argument is outside its range.
    """

    def __init__(
        self,
        *,
        epsilon: float,
        num_classes: int,
        norm: Norm = "l2",
        seed: int = 0,
        queries: int = 5000,
        batch_norm: BatchNormMode = "evaluation",
        accelerations: Accelerations = "none",
    ) -> None:
        super().__init__(
            epsilon=epsilon,
            num_classes=num_classes,
            norm=norm,
            seed=seed,
            square_queries=queries,
            batch_norm=batch_norm,
            accelerations=accelerations,
        )
        self.parts = ("square",)

    @property
    def name(self) -> str:
        """Square and its number of queries."""
        return f"Square ({self.square_queries} queries)"
