"""SAT: adversarial training on clean and adversarial images (equation 4)."""

from __future__ import annotations

from custom.attacks import PGD
from custom.losses import AdversarialLoss
from custom.methods.base import Method


class SAT(Method):
    """Minimize alpha L(x_adv) + (1 - alpha) L(x), with PGD's adversarial examples of a fixed radius (equation 4).

    Args:
        attack: the training adversary.
        alpha: weight of the adversarial cross-entropy, in [0, 1].
        label_smoothing: share of each label that is spread over all classes, in [0, 1).
    """

    def __init__(self, attack: PGD, alpha: float = 0.5, label_smoothing: float = 0.0) -> None:
        super().__init__(attack, AdversarialLoss(alpha=alpha, beta=0.0, label_smoothing=label_smoothing))
