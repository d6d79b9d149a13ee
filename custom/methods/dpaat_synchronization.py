"""D-B: DPAAT's ablation with the synchronization loss alone."""

from __future__ import annotations

from custom.attacks import PGD
from custom.losses import AdversarialLoss, SynchronizationLoss
from custom.methods.base import Method


class DPAATSynchronization(Method):
    """DPAAT's loss on adversarial examples of a fixed radius: SAT's loss + beta L_syn (D-B of the paper's figure 3).

    Args:
        attack: the training adversary.
        alpha: weight of the adversarial cross-entropy, in [0, 1].
        beta: weight of the synchronization loss, at least 0.
        synchronization_as_printed: whether L_syn is equation 11 as printed.
        label_smoothing: share of each label that is spread over all classes, in [0, 1).
    """

    def __init__(
        self,
        attack: PGD,
        alpha: float = 0.5,
        beta: float = 1.0,
        synchronization_as_printed: bool = False,
        label_smoothing: float = 0.0,
    ) -> None:
        synchronization = SynchronizationLoss(as_printed=synchronization_as_printed)
        super().__init__(attack, AdversarialLoss(alpha, beta, synchronization, label_smoothing))
        self.synchronization_as_printed = synchronization_as_printed
