"""TRADES: trade-off between accuracy on clean images and agreement on adversarial ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from custom.attacks import PGD
from custom.losses import TRADESLoss
from custom.methods.base import Method

START_NOISE = 0.001
"""Standard deviation of the noise at which the source starts its attack, for images in [0, 1]."""


class TRADES(Method):
    """Minimize L(x) + beta KL(p(x) || p(x_adv)), with the images x_adv that maximize the divergence.

    Zhang et al., "Theoretically principled trade-off between robustness and accuracy", ICML 2019, equation 5; see
    :class:`custom.losses.TRADESLoss`. The attack climbs the divergence from the clean prediction instead of the
    cross-entropy; its gradient vanishes at the clean image, so it starts from a little noise.

    Args:
        attack: the training adversary, whose loss and start are replaced by those of TRADES.
        beta: weight of the divergence, at least 0.
        label_smoothing: share of each label that is spread over all classes, in [0, 1).

    Raises:
        ValueError: if ``beta`` or ``label_smoothing`` is out of range.

    Example::

        >>> from custom.attacks import PGD
        >>> from custom.methods.trades import TRADES
        >>> TRADES(PGD(epsilon=0.3, step_size=0.15, steps=7)).attack.loss
        'kl'

    """

    def __init__(self, attack: PGD, beta: float = 6.0, label_smoothing: float = 0.0) -> None:
        super().__init__(divergence_attack(attack), TRADESLoss(beta, label_smoothing))


def divergence_attack(attack: PGD) -> PGD:
    """The attack on KL(p(x) || p(x_adv)) with the radius and the steps of another.

    Args:
        attack: the other; a random start of its own is kept.
    """
    return from_noise(attack, loss="kl")


def from_noise(attack: PGD, **changes: Any) -> PGD:
    """The attack, started from a little noise as in the sources of TRADES and MART.

    Args:
        attack: the attack; a random start of its own is kept.
        changes: further fields to change.
    """
    return replace(attack, start_noise=0.0 if attack.random_start else START_NOISE, **changes)
