"""MART: misclassification-aware adversarial training."""

from __future__ import annotations

from custom.attacks import PGD
from custom.losses import MARTLoss
from custom.methods.base import Method
from custom.methods.trades import from_noise


class MART(Method):
    """Minimize a boosted cross-entropy on x_adv, and beta KL(p(x) || p(x_adv)) (1 - p_y(x)).

    Wang et al., "Improving adversarial robustness requires revisiting misclassified examples", ICLR 2020; see
    :class:`custom.losses.MARTLoss`. The attack climbs the cross-entropy, from a little noise as in the source.

    Args:
        attack: the training adversary.
        beta: weight of the divergence, at least 0.

    Raises:
        ValueError: if ``beta`` is out of range.

    Example::

        >>> from custom.attacks import PGD
        >>> from custom.methods.mart import MART
        >>> MART(PGD(epsilon=0.3, step_size=0.15, steps=7)).hyperparameters
        {'beta': 5.0}

    """

    def __init__(self, attack: PGD, beta: float = 5.0) -> None:
        super().__init__(from_noise(attack), MARTLoss(beta))
