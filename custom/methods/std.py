"""STD: standard training, the baseline without adversarial examples."""

from __future__ import annotations

from typing import ClassVar

from custom.attacks import PGD
from custom.losses import AdversarialLoss
from custom.methods.base import Method


class STD(Method):
    """Minimize the cross-entropy on clean images, L(x).

    Its best epoch is chosen by clean validation accuracy: an attack has no place in standard training.

    Args:
        attack: not used.
        label_smoothing: share of each label that is spread over all classes, in [0, 1).
    """

    adversarial: ClassVar[bool] = False
    selection: ClassVar[str] = "val_accuracy_clean"

    def __init__(self, attack: PGD, label_smoothing: float = 0.0) -> None:
        super().__init__(attack, AdversarialLoss(alpha=0.0, beta=0.0, label_smoothing=label_smoothing))
