"""MART: misclassification-aware adversarial training."""

from __future__ import annotations

from dataclasses import replace

from ignite.engine import Engine
from torch import Tensor, nn

from custom.attacks import PGD
from custom.losses import MARTLoss
from custom.methods.base import Examples, Method

START_NOISE = 0.001
"""Standard deviation of the noise at which the source starts its attack, for images in [0, 1]."""


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
        noise = 0.0 if attack.random_start else START_NOISE
        super().__init__(replace(attack, start_noise=noise), MARTLoss(beta))

    def perturb(self, engine: Engine, network: nn.Module, images: Tensor, labels: Tensor) -> Examples:
        """Attack with the fixed radius; see the base class."""
        return self.attacked(network, images, labels)
