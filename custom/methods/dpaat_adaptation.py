"""D-A: DPAAT's ablation with the adaptive radius alone."""

from __future__ import annotations

from custom.attacks import PGD
from custom.methods.dpaat import DPAAT, SecondExamples


class DPAATAdaptation(DPAAT):
    """DPAAT's adaptive radii with SAT's loss, that is, without L_syn (D-A of the paper's figure 3).

    Args:
        attack: the training adversary, with the preset epsilon.
        alpha: weight of the adversarial cross-entropy, in [0, 1].
        second_examples: as for :class:`custom.methods.dpaat.DPAAT`.
        delta_loss_mean_floor: as for :class:`custom.methods.dpaat.DPAAT`.
        reuse_gradients: as for :class:`custom.methods.dpaat.DPAAT`.
        label_smoothing: share of each label that is spread over all classes, in [0, 1).
    """

    def __init__(
        self,
        attack: PGD,
        alpha: float = 0.5,
        second_examples: SecondExamples = "attack",
        delta_loss_mean_floor: float = 1e-6,
        reuse_gradients: bool = True,
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(
            attack,
            alpha,
            beta=0.0,
            second_examples=second_examples,
            delta_loss_mean_floor=delta_loss_mean_floor,
            reuse_gradients=reuse_gradients,
            label_smoothing=label_smoothing,
        )
