"""DPAAT: dynamic perturbation-adaptive adversarial training (equations 11 to 16, algorithm 1)."""

from __future__ import annotations

from typing import Literal, get_args

import ignite.distributed as idist
import torch
from ignite.engine import Engine, Events
from torch import Tensor, nn

from custom.attacks import PGD, perturbation_norm
from custom.losses import AdversarialLoss, SynchronizationLoss
from custom.losses.base import checked_weight
from custom.methods.base import Examples, Method, Statistic
from custom.radius import dpaat_radius
from custom.radius.dpaat import Adapted, check_variant

SecondExamples = Literal["attack", "continue", "rescale"]
MeanOver = Literal["batch", "epoch"]

CONTINUED_STEPS = 2
"""Number of steps of a second attack that continues the first."""


class DPAAT(Method):
    """Attack with the preset epsilon, find every sample's radius, and make the examples again (algorithm 1).

    1. ``x_adv`` by the attack with the preset epsilon;
    2. ``dL_i = L(x_adv_i) - L(x_i)``, its mean over the mini-batch of all processes, and the radius
       ``epsilon_i`` by :func:`custom.radius.dpaat_radius` (equations 13 to 15);
    3. new adversarial examples within the ball of radius ``epsilon_i`` (equation 16);
    4. the loss ``alpha L(x_adv) + (1 - alpha) L(x) + beta L_syn(x, x_adv)`` (equation 12).

    "Returned new x_adv" (algorithm 1, line 12) is read as a second attack from x. With ``"continue"`` it starts from
    the first one's end, projected into the new ball, and takes two steps, which is as far as from epsilon to 2 epsilon
    with steps of half the radius. ``"rescale"`` stretches the first perturbation to the new radius, which saves the
    second attack.

    Args:
        attack: the training adversary, with the preset epsilon.
        alpha: weight of the adversarial cross-entropy, in [0, 1].
        beta: weight of the synchronization loss, at least 0.
        synchronization_as_printed: whether L_syn is equation 11 as printed.
        second_examples: ``"attack"``, ``"continue"`` or ``"rescale"``: how the new examples are made.
        delta_loss_mean_floor: mean of the loss differences at or below which every radius is ``d_i``.
        reuse_gradients: whether the second attack reuses the first one's gradients at points that both visit, which
            changes nothing but the time.
        label_smoothing: share of each label that is spread over all classes, in [0, 1).
        gamma_scale: factor of the adaptive length gamma_i, at least 0.
        adapted: ``"all"``, or ``"stable"`` to let radii only grow, or ``"fragile"`` to let them only shrink.
        mean_over: ``"batch"``, or ``"epoch"`` for the running mean of dL over the epoch so far ("in one epoch, all loss
            values ... collected", equation 13).
        shuffle_radii: whether the radii are dealt out to other images of the mini-batch, a control that keeps their
            distribution.

    Raises:
        ValueError: if an option is out of range or unknown.

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
        gamma_scale: float = 1.0,
        adapted: Adapted = "all",
        mean_over: MeanOver = "batch",
        shuffle_radii: bool = False,
    ) -> None:
        synchronization = SynchronizationLoss(as_printed=synchronization_as_printed)
        super().__init__(attack, AdversarialLoss(alpha, beta, synchronization, label_smoothing))
        self.synchronization_as_printed = synchronization_as_printed
        for name, value, known in (
            ("second_examples", second_examples, get_args(SecondExamples)),
            ("mean_over", mean_over, get_args(MeanOver)),
        ):
            if value not in known:
                raise ValueError(f"{name} must be one of {', '.join(known)}, not {value!r}.")
        check_variant(gamma_scale, adapted)
        self.second_examples = second_examples
        self.delta_loss_mean_floor = checked_weight("delta_loss_mean_floor", delta_loss_mean_floor)
        self.reuse_gradients = reuse_gradients
        self.gamma_scale = gamma_scale
        self.adapted: Adapted = adapted
        self.mean_over = mean_over
        self.shuffle_radii = shuffle_radii
        self._epoch_total: Tensor | None = None

    def attach(self, engine: Engine) -> None:
        """Attach the attack, and the start of the running mean to that of the epochs.

        Args:
            engine: a MONAI trainer.
        """
        super().attach(engine)
        engine.add_event_handler(Events.EPOCH_STARTED, self.start_epoch)

    def start_epoch(self, _: Engine) -> None:
        """Forget the loss differences of the epoch before."""
        self._epoch_total = None

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
            delta_loss_mean=self.delta_loss_mean(loss_adv - first.loss_clean),
            delta_loss_mean_floor=self.delta_loss_mean_floor,
            gamma_scale=self.gamma_scale,
            adapted=self.adapted,
        )
        epsilon = radius.epsilon
        if self.shuffle_radii:
            # From a generator of its own, so that nothing else is drawn differently.
            generator = torch.Generator().manual_seed(torch.initial_seed() % 2**62 + engine.state.iteration)
            epsilon = epsilon[torch.randperm(len(epsilon), generator=generator).to(epsilon.device)]
        if self.second_examples == "attack":
            reuse = first if self.reuse_gradients else None
            images_adv = self.attack.run(network, images, labels, epsilon, reuse=reuse).images_adv
        elif self.second_examples == "continue":
            end = first.images_adv
            images_adv = self.attack.continued(network, images, labels, epsilon, end, steps=CONTINUED_STEPS)
        else:
            images_adv = rescaled(images, first.images_adv, norm, epsilon).clamp(*self.attack.bounds)
        return self.measured(
            images,
            images_adv,
            epsilon=Statistic(epsilon, "mean_and_std"),
            delta_loss=Statistic(radius.delta_loss_mean),
            fragile=Statistic(radius.fragile, "share"),
            clamped_low=Statistic(radius.clamped_low, "count"),
            clamped_high=Statistic(radius.clamped_high, "count"),
            degenerate=Statistic(radius.degenerate, "count_batches"),
        )

    def delta_loss_mean(self, delta_loss: Tensor) -> Tensor:
        """dL_avg of equation 14, a scalar.

        Args:
            delta_loss: dL_i of the mini-batch, shape (B,).
        """
        if self.mean_over == "batch":
            return mean_over_processes(delta_loss)
        total = total_over_processes(delta_loss)
        self._epoch_total = total if self._epoch_total is None else self._epoch_total + total
        return self._epoch_total[0] / self._epoch_total[1]


def mean_over_processes(values: Tensor) -> Tensor:
    """Mean of ``values`` (B,) over the samples of all processes, a scalar; batches may differ in size."""
    if idist.get_world_size() == 1:
        return values.mean()
    total = total_over_processes(values)
    return total[0] / total[1]


def total_over_processes(values: Tensor) -> Tensor:
    """Sum and number of ``values`` (B,) of all processes, shape (2,)."""
    total = torch.stack([values.sum(), values.new_tensor(float(len(values)))])
    return torch.as_tensor(idist.all_reduce(total)) if idist.get_world_size() > 1 else total


def rescaled(images: Tensor, images_adv: Tensor, norm: Tensor, epsilon: Tensor) -> Tensor:
    """``images`` plus the perturbation, rescaled from norm ``norm`` (B,) to ``epsilon`` (B,); zero stays zero."""
    factor = torch.where(norm > 0, epsilon / norm.clamp_min(torch.finfo(norm.dtype).tiny), 0.0)
    return images + factor.view(-1, *[1] * (images.ndim - 1)) * (images_adv - images)
