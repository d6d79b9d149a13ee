"""IMA: increasing-margin adversarial training."""

from __future__ import annotations

from dataclasses import replace

import torch
from ignite.engine import Engine
from torch import Tensor, nn

from custom.attacks import PGD, perturbation_norm
from custom.attacks.norms import per_sample
from custom.losses import AdversarialLoss
from custom.losses.base import checked_weight
from custom.methods.base import Examples, RadiusPerImage, Statistic
from custom.radius import ima_radius

BISECTIONS = 10


class IMA(RadiusPerImage):
    """Attack each image with its own radius, which grows until it reaches the decision boundary.

    Ma and Liang, "Increasing-margin adversarial (IMA) training to improve adversarial robustness of neural networks",
    2020; the ancestor of AMAT. An image that an attack within its radius breaks is trained on at the boundary, which
    bisection finds between the clean and the attacked image; that distance is its new radius, by
    :func:`custom.radius.ima_radius`. An image that is misclassified when clean is not attacked. The loss is
    ``(L(x_adv) + L(x)) / 2``.

    The epoch's metrics have ``grown_share``, ``shrunk_share``, ``capped_share`` and ``broken_share``.

    Args:
        attack: the training adversary, with the preset epsilon; number and length of its steps are replaced.
        epsilon_max: the largest radius; the preset epsilon by default.
        delta_epsilon: the radius at the start, and by how much it grows; a tenth of ``epsilon_max`` by default.
        steps: number of steps of the attack, each 4 / steps of the radius.
        label_smoothing: share of each label that is spread over all classes, in [0, 1).

    Raises:
        ValueError: if a hyperparameter is out of range.

    Example::

        >>> from custom.attacks import PGD
        >>> from custom.methods.ima import IMA
        >>> method = IMA(PGD(epsilon=0.5, step_size=0.15, steps=7))
        >>> method.epsilon_max, method.delta_epsilon, method.attack.steps
        (0.5, 0.05, 20)

    """

    def __init__(
        self,
        attack: PGD,
        epsilon_max: float | None = None,
        delta_epsilon: float | None = None,
        steps: int = 20,
        label_smoothing: float = 0.0,
    ) -> None:
        adversary = replace(attack, steps=steps, step_size=None, step_fraction=4 / max(steps, 1))
        super().__init__(adversary, AdversarialLoss(alpha=0.5, beta=0.0, label_smoothing=label_smoothing))
        self.epsilon_max = checked_weight("epsilon_max", attack.epsilon if epsilon_max is None else epsilon_max)
        self.delta_epsilon = checked_weight(
            "delta_epsilon", self.epsilon_max / 10 if delta_epsilon is None else delta_epsilon
        )
        self.steps = steps

    def perturb(self, engine: Engine, network: nn.Module, images: Tensor, labels: Tensor) -> Examples:
        """Make the examples of one mini-batch and update its images' radii; see the base class."""
        names = self.names(engine)
        own = self.radii.lookup(names, default=self.delta_epsilon).to(images.device)
        correct = self.attack.logits(network, images).argmax(1) == labels
        images_adv = self.attack(network, images, labels, self.factor * own * correct)
        broken = correct & (self.attack.logits(network, images_adv).argmax(1) != labels)
        images_adv[broken] = self.on_the_boundary(network, images[broken], images_adv[broken], labels[broken])
        new = ima_radius(
            own,
            # In the units of the table, which a radius that is still rising leaves as they are.
            perturbation_norm(images_adv - images, self.attack.norm).double() / self.factor,
            correct,
            broken,
            delta_epsilon=self.delta_epsilon,
            epsilon_max=self.epsilon_max,
        )
        self.radii.update(names, new)
        return self.measured(
            images,
            images_adv,
            epsilon=Statistic(self.factor * own, "mean_and_std"),
            **self.changes(own, new, self.epsilon_max),
            broken=Statistic(broken, "share"),
        )

    def on_the_boundary(self, network: nn.Module, images: Tensor, images_adv: Tensor, labels: Tensor) -> Tensor:
        """The nearest misclassified points between images that are classified correctly and others that are not.

        Args:
            network: the network.
            images: images that are classified correctly, shape (B, C, *spatial).
            images_adv: images that are not, of the same shape.
            labels: class indices, shape (B,).

        Returns:
            Images of the same shape, which are misclassified.
        """
        right, wrong = torch.zeros(len(images), device=images.device), torch.ones(len(images), device=images.device)
        for _ in range(BISECTIONS if len(images) else 0):
            middle = (right + wrong) / 2
            found = images + per_sample(middle, images) * (images_adv - images)
            missed = self.attack.logits(network, found).argmax(1) != labels
            right, wrong = torch.where(missed, right, middle), torch.where(missed, middle, wrong)
        return images + per_sample(wrong, images) * (images_adv - images)
