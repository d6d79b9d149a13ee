"""DPAAT: dynamic perturbation-adaptive adversarial training (equations 11 to 16, algorithm 1)."""

from __future__ import annotations

from typing import Literal, get_args

import ignite.distributed as idist
import torch
from ignite.engine import Engine
from torch import Tensor, nn

from custom.attacks import PGD, perturbation_norm
from custom.losses import AdversarialLoss, SynchronizationLoss
from custom.methods.base import Examples, Method, Statistic
from custom.radius import dpaat_radius

SecondExamples = Literal["attack", "rescale"]


class DPAAT(Method):
    """Attack with the preset epsilon, find every sample's radius, and make the examples again (algorithm 1).

    1. ``x_adv`` by the attack with the preset epsilon;
    2. ``dL_i = L(x_adv_i) - L(x_i)``, its mean over the mini-batch of all processes, and the radius
       ``epsilon_i`` by :func:`custom.radius.dpaat_radius` (equations 13 to 15);
    3. new adversarial examples within the ball of radius ``epsilon_i`` (equation 16);
    4. the loss ``alpha L(x_adv) + (1 - alpha) L(x) + beta L_syn(x, x_adv)`` (equation 12).

    "Returned new x_adv" (algorithm 1, line 12) is read as a second attack from x. The option ``"rescale"``
    stretches the first perturbation to the new radius instead, which saves that attack.

    Args:
        attack: the training adversary, with the preset epsilon.
        alpha: weight of the adversarial cross-entropy, in [0, 1].
        beta: weight of the synchronization loss, at least 0.
        synchronization_as_printed: whether L_syn is equation 11 as printed.
        second_examples: ``"attack"`` or ``"rescale"``: how the new examples are made.
        delta_loss_mean_floor: mean of the loss differences at or below which every radius is ``d_i``.
        reuse_gradients: whether the second attack reuses the first one's gradients at points that both visit, which
            changes nothing but the time.
        label_smoothing: share of each label that is spread over all classes, in [0, 1).

    Raises:
        ValueError: if ``second_examples`` is neither of the two.

    Example::

        >>> from custom.attacks import PGD
        >>> from custom.methods.dpaat import DPAAT
        >>> method = DPAAT(PGD(epsilon=0.3, step_size=0.15, steps=7, norm="l2"), beta=2.0)

    """

    def __init__(
        self,
        attack: PGD,
        alpha: float = 0.5,
        beta: float = 1.0,
        synchronization_as_printed: bool = False,
        second_examples: SecondExamples = "attack",
        delta_loss_mean_floor: float = 1e-6,
        reuse_gradients: bool = True,
        label_smoothing: float = 0.0,
    ) -> None:
        synchronization = SynchronizationLoss(as_printed=synchronization_as_printed)
        super().__init__(attack, AdversarialLoss(alpha, beta, synchronization, label_smoothing))
        self.synchronization_as_printed = synchronization_as_printed
        if second_examples not in get_args(SecondExamples):
            raise ValueError(
                f"second_examples must be one of {', '.join(get_args(SecondExamples))}, not {second_examples!r}."
            )
        self.second_examples = second_examples
        self.delta_loss_mean_floor = delta_loss_mean_floor
        self.reuse_gradients = reuse_gradients

    def perturb(self, engine: Engine, network: nn.Module, images: Tensor, labels: Tensor) -> Examples:
        """Make the examples of one mini-batch in steps 1 to 3 above; see the base class."""
        first = self.attack.run(network, images, labels)
        loss_adv = self.attack.cross_entropy(network, first.images_adv, labels)
        norm = perturbation_norm(first.images_adv - images, self.attack.norm)
        radius = dpaat_radius(
            first.loss_clean,
            loss_adv,
            norm,
            epsilon=self.attack.epsilon,
            delta_loss_mean=mean_over_processes(loss_adv - first.loss_clean),
            delta_loss_mean_floor=self.delta_loss_mean_floor,
        )
        if self.second_examples == "attack":
            reuse = first if self.reuse_gradients else None
            images_adv = self.attack.run(network, images, labels, radius.epsilon, reuse=reuse).images_adv
        else:
            images_adv = rescaled(images, first.images_adv, norm, radius.epsilon).clamp(*self.attack.bounds)
        return self.measured(
            images,
            images_adv,
            epsilon=Statistic(radius.epsilon, "mean_and_std"),
            delta_loss=Statistic(radius.delta_loss_mean),
            fragile=Statistic(radius.fragile, "share"),
            clamped_low=Statistic(radius.clamped_low, "count"),
            clamped_high=Statistic(radius.clamped_high, "count"),
            degenerate=Statistic(radius.degenerate, "count_batches"),
        )


def mean_over_processes(values: Tensor) -> Tensor:
    """Mean of ``values`` (B,) over the samples of all processes, a scalar; batches may differ in size."""
    if idist.get_world_size() == 1:
        return values.mean()
    total = torch.stack([values.sum(), values.new_tensor(float(len(values)))])
    total = torch.as_tensor(idist.all_reduce(total))
    return total[0] / total[1]


def rescaled(images: Tensor, images_adv: Tensor, norm: Tensor, epsilon: Tensor) -> Tensor:
    """``images`` plus the perturbation, rescaled from norm ``norm`` (B,) to ``epsilon`` (B,); zero stays zero."""
    factor = torch.where(norm > 0, epsilon / norm.clamp_min(torch.finfo(norm.dtype).tiny), 0.0)
    return images + factor.view(-1, *[1] * (images.ndim - 1)) * (images_adv - images)
