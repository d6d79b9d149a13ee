"""FAT: friendly adversarial training."""

from __future__ import annotations

from dataclasses import replace

from ignite.engine import Engine
from torch import Tensor, nn

from custom.attacks import PGD, Misclassified
from custom.losses import AdversarialLoss
from custom.methods.base import Examples, Method, Statistic

TAU_1_FROM, TAU_2_FROM = 50 / 120, 90 / 120
"""Share of the epochs after which tau is 1 and 2: epochs 50 and 90 of the source's 120."""


class FAT(Method):
    """Minimize L(x_adv) on adversarial examples of an attack that stops soon after it has succeeded (PGD-K-tau).

    Zhang et al., "Attacks which do not kill training make adversarial learning stronger", ICML 2020, algorithms 1 and
    2: the attack on an image stops tau steps after its first misclassification, or after the last step.

    Args:
        attack: the training adversary.
        tau: number of steps after the first misclassification, at least 0; by default 0, 1 and 2 in turn over the
            epochs.
        label_smoothing: share of each label that is spread over all classes, in [0, 1).

    Raises:
        ValueError: if ``tau`` is not a whole number of at least 0, or ``label_smoothing`` is out of range.

    Example::

        >>> from custom.attacks import PGD
        >>> from custom.methods.fat import FAT
        >>> method = FAT(PGD(epsilon=0.3, step_size=0.15, steps=7))
        >>> [method.tau_of(epoch, 12) for epoch in range(1, 13)]
        [0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2]

    """

    def __init__(self, attack: PGD, tau: int | None = None, label_smoothing: float = 0.0) -> None:
        stopping = replace(attack, stop=Misclassified(0 if tau is None else tau))
        super().__init__(stopping, AdversarialLoss(alpha=1.0, beta=0.0, label_smoothing=label_smoothing))
        self.tau = tau

    def tau_of(self, epoch: int, epochs: int) -> int:
        """The tau of an epoch.

        Args:
            epoch: its number, from 1.
            epochs: number of epochs of the training.
        """
        if self.tau is not None:
            return self.tau
        done = (epoch - 1) / epochs
        return 0 if done < TAU_1_FROM else 1 if done < TAU_2_FROM else 2

    def perturb(self, engine: Engine, network: nn.Module, images: Tensor, labels: Tensor) -> Examples:
        """Attack until just after the first misclassification; see the base class."""
        tau = self.tau_of(engine.state.epoch, engine.state.max_epochs or engine.state.epoch)
        # Another attack would draw the same random starts in every mini-batch.
        self.attack.stop = Misclassified(tau)
        return self.attacked(network, images, labels, tau=Statistic(images.new_tensor(float(tau))))
