"""AMAT: every training image keeps a radius of its own from epoch to epoch (equations 5 to 7)."""

from __future__ import annotations

from dataclasses import replace

from ignite.engine import Engine
from torch import Tensor, nn

from custom.attacks import PGD, LossReached, perturbation_norm
from custom.losses import AdversarialLoss
from custom.losses.base import checked_weight
from custom.methods.base import Examples, RadiusPerImage, Statistic
from custom.radius import amat_radius


class AMAT(RadiusPerImage):
    """Attack each image with its own radius, then update that radius for the image's next turn.

    The radii start at the preset epsilon, follow :func:`custom.radius.amat_radius` and stay in [0, 2 epsilon]. The
    loss is ``(L(x_adv) + L(x)) / 2`` (equation 7).

    A PGD that takes all its steps ends on the sphere, where ``d_i = epsilon_i``: the radii could only grow, and AMAT
    would become SAT at twice the radius. By default the attack therefore stops, for each image, at the first iterate
    whose loss reaches xi; the image is trained on that iterate, and its norm is d_i.

    The epoch's metrics have the shares of the radii that grow, shrink and are at 2 epsilon: ``grown_share``,
    ``shrunk_share`` and ``capped_share``.

    Args:
        attack: the training adversary, with the preset epsilon.
        xi: loss below which an image counts as easy: an upper end of the losses of a network trained by STD, as
            ``scripts/compute_xi.py`` finds it.
        delta_epsilon: how much an easy image's radius grows; a tenth of epsilon by default.
        stop_at_xi: whether the attack on an image stops at the first iterate whose loss reaches xi.
        label_smoothing: share of each label that is spread over all classes, in [0, 1).

    Raises:
        ValueError: if ``xi`` is missing or not positive, or another hyperparameter is out of range.

    Example::

        >>> from custom.attacks import PGD
        >>> from custom.methods.amat import AMAT
        >>> method = AMAT(PGD(epsilon=0.3, step_size=0.15, steps=7, norm="l2"), xi=2.5)

    """

    def __init__(
        self,
        attack: PGD,
        xi: float | None = None,
        delta_epsilon: float | None = None,
        stop_at_xi: bool = True,
        label_smoothing: float = 0.0,
    ) -> None:
        if xi is None or not xi > 0:
            raise ValueError(
                f"AMAT needs xi, the loss below which an image counts as easy, as a positive number, not {xi}: "
                f"`python scripts/compute_xi.py --run STD_RUN` finds it; then pass `--xi NUMBER`."
            )
        adversary = replace(attack, stop=LossReached(xi)) if stop_at_xi else attack
        super().__init__(adversary, AdversarialLoss(alpha=0.5, beta=0.0, label_smoothing=label_smoothing))
        self.xi = xi
        self.delta_epsilon = checked_weight(
            "delta_epsilon", attack.epsilon / 10 if delta_epsilon is None else delta_epsilon
        )
        self.stop_at_xi = stop_at_xi

    def perturb(self, engine: Engine, network: nn.Module, images: Tensor, labels: Tensor) -> Examples:
        """Make the examples of one mini-batch and update its images' radii; see the base class."""
        names = self.names(engine)
        own_epsilon = self.radii.lookup(names, default=self.preset.epsilon).to(images.device)
        images_adv = self.attack(network, images, labels, self.factor * own_epsilon)
        new_epsilon = amat_radius(
            own_epsilon,
            self.attack.cross_entropy(network, images_adv, labels).double(),
            # In the units of the table, which a radius that is still rising leaves as they are.
            perturbation_norm(images_adv - images, self.attack.norm).double() / self.factor,
            xi=self.xi,
            delta_epsilon=self.delta_epsilon,
            epsilon_max=2 * self.preset.epsilon,
        )
        self.radii.update(names, new_epsilon)
        return self.measured(
            images,
            images_adv,
            epsilon=Statistic(self.factor * own_epsilon, "mean_and_std"),
            **self.changes(own_epsilon, new_epsilon, 2 * self.preset.epsilon),
        )
