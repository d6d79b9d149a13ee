"""MWPB: a radius from the margin on the clean image."""

from __future__ import annotations

from ignite.engine import Engine
from torch import Tensor, nn

from custom.attacks import PGD
from custom.losses import AdversarialLoss
from custom.losses.base import checked_weight
from custom.methods.base import Examples, Method, Statistic
from custom.radius import mwpb_radius


class MWPB(Method):
    """Minimize L(x_adv), with a ball that is the larger, the more surely the clean image is classified correctly.

    Fakorede et al., "Improving adversarial training using vulnerability-aware perturbation budget", 2024; see
    :func:`custom.radius.mwpb_radius`. Nothing is kept from one mini-batch to the next.

    Args:
        attack: the training adversary, with the preset epsilon.
        alpha: how much the margin counts, at least 0.
        label_smoothing: share of each label that is spread over all classes, in [0, 1).

    Raises:
        ValueError: if ``alpha`` or ``label_smoothing`` is out of range.

    Example::

        >>> from custom.attacks import PGD
        >>> from custom.methods.mwpb import MWPB
        >>> MWPB(PGD(epsilon=0.3, step_size=0.15, steps=7)).alpha
        0.5

    """

    def __init__(self, attack: PGD, alpha: float = 0.5, label_smoothing: float = 0.0) -> None:
        super().__init__(attack, AdversarialLoss(alpha=1.0, beta=0.0, label_smoothing=label_smoothing))
        self.alpha = checked_weight("alpha", alpha)

    def perturb(self, engine: Engine, network: nn.Module, images: Tensor, labels: Tensor) -> Examples:
        """Find the radii, and attack with them; see the base class."""
        probabilities = self.attack.logits(network, images).softmax(1)
        epsilon = mwpb_radius(probabilities, labels, epsilon=self.attack.epsilon, alpha=self.alpha)
        images_adv = self.attack(network, images, labels, epsilon)
        return self.measured(images, images_adv, epsilon=Statistic(epsilon, "mean_and_std"))
