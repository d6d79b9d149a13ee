"""IAAT: instance adaptive adversarial training."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import torch
from ignite.engine import Engine
from torch import Tensor, nn

from custom.attacks import PGD
from custom.losses import AdversarialLoss
from custom.losses.base import checked_share, checked_weight
from custom.methods.base import Examples, RadiusPerImage, Statistic
from custom.methods.base.warm_up import checked_epochs
from custom.radius import iaat_radius


class IAAT(RadiusPerImage):
    """Minimize L(x_adv), with a radius for each image that grows while the image withstands a larger one.

    Balaji et al., "Instance adaptive adversarial training: improved accuracy tradeoffs in neural nets", 2019,
    algorithms 1 and 2; see :func:`custom.radius.iaat_radius`. In the warm-up every image has the preset epsilon, or 0
    if the clean image is misclassified. After it each image is attacked with its own radius and with one larger by
    gamma, and then once more with the radius that was found.

    The epoch's metrics have ``grown_share`` and ``shrunk_share``.

    Args:
        attack: the training adversary, with the preset epsilon; number and length of its steps are replaced.
        gamma: by how much a larger radius is tried; by default 1.9/8 of epsilon, as in the source.
        smoothing: weight of the radius that was tried, in [0, 1].
        warm_up: number of epochs with the preset epsilon, at least 0.
        steps: number of steps of each attack; a step is 2 / steps of the radius, or a quarter of the preset epsilon
            if that is longer.
        label_smoothing: share of each label that is spread over all classes, in [0, 1).

    Raises:
        ValueError: if a hyperparameter is out of range.

    Example::

        >>> from custom.attacks import PGD
        >>> from custom.methods.iaat import IAAT
        >>> method = IAAT(PGD(epsilon=0.8, step_size=0.2, steps=7))
        >>> round(method.gamma, 6), method.attack.steps
        (0.19, 10)

    """

    warm_up: int

    def __init__(
        self,
        attack: PGD,
        gamma: float | None = None,
        smoothing: float = 0.1,
        warm_up: int = 10,
        steps: int = 10,
        label_smoothing: float = 0.0,
    ) -> None:
        loss = AdversarialLoss(alpha=1.0, beta=0.0, label_smoothing=label_smoothing)
        super().__init__(step_by_radius(attack, steps), loss)
        self.gamma = checked_weight("gamma", 1.9 / 8 * attack.epsilon if gamma is None else gamma)
        self.smoothing = checked_share("smoothing", smoothing)
        self.warm_up = checked_epochs("warm_up", warm_up)
        self.steps = steps

    def perturb(self, engine: Engine, network: nn.Module, images: Tensor, labels: Tensor) -> Examples:
        """Find the radii of one mini-batch's images, and attack with them; see the base class."""
        names = self.names(engine)
        own = self.radii.lookup(names, default=self.preset.epsilon).to(images.device)
        correct_clean = self.correct(network, images, labels)
        if engine.state.epoch <= self.warm_up:
            new = self.preset.epsilon * correct_clean.double()
        else:
            own_adv, larger_adv = (
                self.attack(network, images, labels, self.factor * radius) for radius in (own, own + self.gamma)
            )
            new = iaat_radius(
                own,
                correct_clean,
                self.correct(network, own_adv, labels),
                self.correct(network, larger_adv, labels),
                gamma=self.gamma,
                smoothing=self.smoothing,
            )
        self.radii.update(names, new)
        return self.measured(
            images,
            self.attack(network, images, labels, self.factor * new),
            epsilon=Statistic(self.factor * new, "mean_and_std"),
            **self.changes(own, new),
        )

    def correct(self, network: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
        """Whether each image is classified correctly, shape (B,)."""
        return self.attack.logits(network, images).argmax(1) == labels


@dataclass(kw_only=True, eq=False)
class StepByRadius(PGD):
    """PGD with steps of 2 / steps of each sample's radius, at least a quarter of the preset epsilon."""

    def step_length(self, epsilon: Tensor) -> Tensor:
        """See the base class."""
        return torch.clamp(epsilon * 2 / self.steps, min=self.epsilon / 4)


def step_by_radius(attack: PGD, steps: int) -> StepByRadius:
    """The same attack with another number of steps, whose length follows the radius."""
    same: dict[str, Any] = {field.name: getattr(attack, field.name) for field in fields(PGD)}
    return StepByRadius(**{**same, "steps": steps, "step_size": None, "step_fraction": None})
