"""AT: adversarial training (equation 3)."""

from __future__ import annotations

from custom.attacks import PGD
from custom.losses import AdversarialLoss
from custom.methods.base import Method


class AT(Method):
    """Minimize the cross-entropy on PGD's adversarial examples of a fixed radius, L(x_adv).

    Madry et al., "Towards deep learning models resistant to adversarial attacks", 2018; equation 3.

    Args:
        attack: the training adversary.
        label_smoothing: share of each label that is spread over all classes, in [0, 1).
    """

    def __init__(self, attack: PGD, label_smoothing: float = 0.0) -> None:
        super().__init__(attack, AdversarialLoss(alpha=1.0, beta=0.0, label_smoothing=label_smoothing))
