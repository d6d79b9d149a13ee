"""DPAAT's adversarial examples: a second attack, with a radius found anew for every sample of every mini-batch."""

from __future__ import annotations

from typing import Literal, get_args

import ignite.distributed as idist
import torch
from ignite.engine import Engine
from torch import Tensor, nn

from custom.attacks import PGD, perturbation_norm
from custom.handlers.adversarial_examples import AdversarialExamples
from custom.radius import dpaat_radius

SecondExamples = Literal["attack", "rescale"]


class DPAATExamples(AdversarialExamples):
    """Attack with the fixed epsilon, find every sample's radius, and make the examples anew (algorithm 1).

    1. ``x_adv`` by the attack with its own, fixed epsilon;
    2. ``dL_i = L(x_adv_i) - L(x_i)``, its mean over the mini-batch of all processes, and the radius
       ``epsilon_i`` by :func:`custom.radius.dpaat_radius` (equations 13 to 15);
    3. new adversarial examples within the ball of radius ``epsilon_i`` (equation 16).

    "Returned new x_adv" (algorithm 1, line 12) is read as a second attack from x. The option ``"rescale"``
    stretches the first perturbation to the new radius instead, which spares that attack.

    Args:
        attack: the training adversary, with the pre-set epsilon.
        second: ``"attack"`` or ``"rescale"``: how the new examples are made.
        delta_loss_mean_floor: mean of the loss differences at or below which every radius is ``d_i``.
        reuse_gradients: whether the second attack takes gradients at points that the first has visited from it, which
            changes nothing but the time.
        image_key: key of the clean images in the batch.
        label_key: key of the labels in the batch.
        adversarial_key: key under which the adversarial images are put.

    Raises:
        ValueError: when ``second`` is neither of the two.

    Example::

        >>> from custom.attacks import PGD
        >>> from custom.handlers import DPAATExamples
        >>> handler = DPAATExamples(PGD(epsilon=0.3, step_size=0.15, steps=7, norm="l2"))

    """

    attack: PGD

    def __init__(
        self,
        attack: PGD,
        second: SecondExamples = "attack",
        delta_loss_mean_floor: float = 1e-6,
        reuse_gradients: bool = True,
        image_key: str = "image",
        label_key: str = "label",
        adversarial_key: str = "image_adv",
    ) -> None:
        super().__init__(attack, image_key, label_key, adversarial_key)
        if second not in get_args(SecondExamples):
            raise ValueError(f"second must be one of {', '.join(get_args(SecondExamples))}, not {second!r}.")
        self.second = second
        self.delta_loss_mean_floor = delta_loss_mean_floor
        self.reuse_gradients = reuse_gradients

    def perturb(self, engine: Engine, network: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
        """Make the examples of one mini-batch in the three steps above; see the base class."""
        first = self.attack.run(network, images, labels)
        loss_adv = self.attack.loss(network, first.images_adv, labels)
        norm = perturbation_norm(first.images_adv - images, self.attack.norm)
        radius = dpaat_radius(
            first.loss_clean,
            loss_adv,
            norm,
            epsilon=self.attack.epsilon,
            delta_loss_mean=mean_over_processes(loss_adv - first.loss_clean),
            delta_loss_mean_floor=self.delta_loss_mean_floor,
        )
        if self.second == "attack":
            reuse = first if self.reuse_gradients else None
            images_adv = self.attack.run(network, images, labels, radius.epsilon, reuse=reuse).images_adv
        else:
            images_adv = rescaled(images, first.images_adv, norm, radius.epsilon).clamp(*self.attack.bounds)
        engine.state.adversarial.update(  # type: ignore[attr-defined]
            norm=perturbation_norm(images_adv - images, self.attack.norm),
            epsilon=radius.epsilon,
            delta_loss_mean=radius.delta_loss_mean,
            fragile=radius.fragile,
            clamped_low=radius.clamped_low,
            clamped_high=radius.clamped_high,
            degenerate=radius.degenerate,
        )
        return images_adv


def mean_over_processes(values: Tensor) -> Tensor:
    """Mean of ``values`` (B,) over the samples of all processes, a scalar; batches may differ in size."""
    if idist.get_world_size() == 1:
        return values.mean()
    total = torch.stack([values.sum(), values.new_tensor(float(len(values)))])
    total = torch.as_tensor(idist.all_reduce(total))
    return total[0] / total[1]


def rescaled(images: Tensor, images_adv: Tensor, norm: Tensor, epsilon: Tensor) -> Tensor:
    """``images`` plus the perturbation stretched from length ``norm`` (B,) to ``epsilon`` (B,); none stays none."""
    factor = torch.where(norm > 0, epsilon / norm.clamp_min(torch.finfo(norm.dtype).tiny), 0.0)
    return images + factor.view(-1, *[1] * (images.ndim - 1)) * (images_adv - images)
