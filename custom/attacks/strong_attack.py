"""A strong and cheap white-box attack: the worst case over two losses."""

from dataclasses import dataclass

from torch import Tensor, nn

from custom.attacks.attack import Attack
from custom.attacks.ensemble import AttackEnsemble
from custom.attacks.losses import LossName
from custom.attacks.pgd import PGD
from custom.counts import counted


@dataclass(kw_only=True, eq=False)
class StrongAttack(Attack):
    """Worst case per image of PGD on the cross-entropy and PGD on the margin, each with a falling step.

    The step falls as a cosine from the radius to 0. Cross-entropy alone is misled by the scale of the logits, and
    steps of constant length do not converge; together the two come close to AutoAttack at a fraction of its cost. The
    margin attacks only the images that withstood the cross-entropy. An image that withstands both comes back as the
    one of the two examples with the larger cross-entropy.

    Args:
        epsilon: see :class:`~custom.attacks.attack.Attack`, as are the arguments not listed here.
        steps: number of steps on either loss, >= 1.

    Raises:
        ValueError: an argument is outside its range.

    Example:
        >>> StrongAttack(epsilon=0.3).name
        'Strong attack (20 steps on cross-entropy, 20 on the margin)'
    """

    steps: int = 20

    def __post_init__(self) -> None:
        super().__post_init__()
        self._ensemble = AttackEnsemble([self.descent("cross_entropy"), self.descent("margin")])

    def descent(self, loss: LossName) -> PGD:
        """PGD on one of the losses."""
        return PGD(
            epsilon=self.epsilon,
            norm=self.norm,
            targeted=self.targeted,
            bounds=self.bounds,
            batch_norm=self.batch_norm,
            steps=self.steps,
            step_schedule="cosine",
            loss=loss,
        )

    @property
    def name(self) -> str:
        """The attack and its steps."""
        return f"Strong attack ({counted(self.steps, 'step')} on cross-entropy, {self.steps} on the margin)"

    def perturb(self, network: nn.Module, images: Tensor, labels: Tensor, epsilon: Tensor) -> Tensor:
        """Attack all samples along the cross-entropy, and those that withstand along the margin."""
        return self._ensemble.perturb(network, images, labels, epsilon)
