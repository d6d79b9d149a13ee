"""Projected gradient descent."""

from functools import partial
from typing import Literal, get_args

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from custom.acceleration import Accelerations, accelerate
from custom.attacks.attack import Attack
from custom.attacks.network_state import BatchNormMode, frozen
from custom.attacks.norms import Norm, per_sample, perturbation_norm
from custom.attacks.projections import TINY, project
from custom.attacks.trajectory import LossAndGradient, Trajectory

StepRule = Literal["normalized", "sign"]


class PGD(Attack):
    r"""Projected gradient descent: steps up the loss, each followed by a projection.

    .. math::
        x_0 = x, \qquad x_{t+1} = \mathrm{clip}\bigl(\Pi_\epsilon(x_t + \eta\, s(\nabla_{x_t} L))\bigr)

    L is the summed cross-entropy, s the step rule, :math:`\Pi_\epsilon` the projection onto the ball of
    radius epsilon about x, clip keeps values within the bounds. Seven steps of 0.15 in an l2 ball of 0.3 are
    the training adversary of DPAAT.

    Args:
        epsilon: radius of the ball, >= 0.
        steps: number of steps, >= 1.
        step_size: length eta of a step, > 0, whatever the radius of a call. None: a quarter of that radius.
        norm: ``"l2"`` or ``"linf"``.
        step_rule: ``"normalized"``, s(g) = g / max(||g||_2, 1e-12) per sample, or ``"sign"``,
            s(g) = sign(g). None: the rule of the norm, normalized for l2 and sign for l-infinity. Normalized
            steps in an l-infinity ball are refused: they would hardly move a value.
        random_start: start from a point drawn uniformly from the ball instead of from x.
        restarts: number of random starts, of which every sample keeps the strongest; more than one needs
            ``random_start``.
        seed: seed of the random starts, which come from a generator of the attack's own.
        targeted: see :class:`Attack`; steps then go down the loss of the targets.
        bounds: see :class:`Attack`.
        batch_norm: see :class:`Attack`.
        accelerations: see :class:`Attack`.

    Raises:
        ValueError: an argument is outside its range.

    Example:
        >>> network = nn.Sequential(nn.Flatten(), nn.Linear(12, 3))
        >>> attack = PGD(epsilon=0.3, steps=7, step_size=0.15)
        >>> images_adv = attack(network, torch.rand(2, 3, 2, 2), torch.tensor([0, 2]))
    """

    def __init__(
        self,
        *,
        epsilon: float,
        steps: int,
        step_size: float | None = None,
        norm: Norm = "l2",
        step_rule: StepRule | None = None,
        random_start: bool = False,
        restarts: int = 1,
        seed: int = 0,
        targeted: bool = False,
        bounds: tuple[float, float] = (0.0, 1.0),
        batch_norm: BatchNormMode = "evaluation",
        accelerations: Accelerations = "none",
    ) -> None:
        super().__init__(
            epsilon=epsilon,
            norm=norm,
            targeted=targeted,
            bounds=bounds,
            batch_norm=batch_norm,
            accelerations=accelerations,
        )
        if steps < 1:
            raise ValueError(f"steps must be at least 1, not {steps}.")
        if step_size is not None and not step_size > 0:
            raise ValueError(f"step_size must be greater than 0, or none for a quarter of epsilon, not {step_size}.")
        if step_rule is not None and step_rule not in get_args(StepRule):
            raise ValueError(f"Unknown step_rule {step_rule!r}: use one of {', '.join(get_args(StepRule))}.")
        if norm == "linf" and step_rule == "normalized":
            raise ValueError(
                "step_rule 'normalized' does not fit norm 'linf', whose ball it would hardly fill: leave step_rule "
                "out, or use 'sign'."
            )
        if restarts < 1 or (restarts > 1 and not random_start):
            raise ValueError(f"restarts must be 1, or more with random_start, not {restarts}.")
        self.steps = steps
        self.step_size = step_size
        self.step_rule = step_rule or ("normalized" if norm == "l2" else "sign")
        self.random_start = random_start
        self.restarts = restarts
        self.generator = torch.Generator().manual_seed(seed)

    def run(
        self,
        network: nn.Module,
        images: Tensor,
        labels: Tensor,
        epsilon: float | Tensor | None = None,
        *,
        reuse: Trajectory | None = None,
    ) -> Trajectory:
        """Attack a batch and keep what a second attack on it can share.

        Args:
            network: as for a call.
            images: as for a call.
            labels: as for a call.
            epsilon: as for a call.
            reuse: path of an attack with other radii on the same network, images and labels; gradients at
                points that both visit are taken from it, which changes nothing but the time. Not used in
                training mode, where a sample's gradient depends on the others.

        Returns:
            The path: ``images_adv``, ``loss_clean``, and the points up to where every sample was projected.

        Raises:
            ValueError: as for a call.
        """
        images, labels, radii = self.checked(images, labels, epsilon)
        path = Trajectory()
        with frozen(network, self.batch_norm) as inner:
            fast, start = accelerate(self.accelerations, inner, images)
            path.images_adv = self.perturb(fast, start, labels, radii, path, reuse).contiguous()
        if self.random_start or not all(acceleration.exact for acceleration in self.accelerations):
            path.loss_clean = self.loss(network, images, labels)
        else:
            # The first gradient is the one at x, and its forward pass gave this loss.
            path.loss_clean = path.losses[0]
        return path

    def perturb(
        self,
        network: nn.Module,
        images: Tensor,
        labels: Tensor,
        epsilon: Tensor,
        path: Trajectory | None = None,
        reuse: Trajectory | None = None,
    ) -> Tensor:
        """Climb once, or from several random starts of which every sample keeps the strongest."""
        best = self.climb(network, images, labels, epsilon, path, reuse)
        if self.restarts == 1:
            return best
        best_loss = self.evaluate(network, best, labels)
        for _ in range(self.restarts - 1):
            found = self.climb(network, images, labels, epsilon)
            loss = self.evaluate(network, found, labels)
            stronger = loss < best_loss if self.targeted else loss > best_loss
            best = torch.where(per_sample(stronger, images), found, best)
            best_loss = torch.where(stronger, loss, best_loss)
        return best

    def climb(
        self,
        network: nn.Module,
        images: Tensor,
        labels: Tensor,
        epsilon: Tensor,
        path: Trajectory | None = None,
        reuse: Trajectory | None = None,
    ) -> Tensor:
        """Take all steps from one start; write to ``path`` and read from ``reuse`` where they are given."""
        if self.batch_norm == "training" or self.random_start:
            reuse = None
        iterate = self.start(images, epsilon)
        length = per_sample(self.step_length(epsilon), images)
        for step in range(self.steps):
            if reuse is None:
                loss, gradient = self.gradient(network, iterate, labels)
            else:
                loss, gradient = reuse.lookup(step, iterate, labels, partial(self.gradient, network))
            if path is not None:
                path.append(iterate, loss, gradient)
            # In place wherever a tensor is new: each pass over the images' memory takes its share of a small network.
            moved = (iterate - images).addcmul_(self.direction(gradient), length)
            if path is not None and bool((perturbation_norm(moved, self.norm) > epsilon).all()):
                # Paths of other radii part here at the latest, so the rest need not be kept.
                path = None
            iterate = project(moved, epsilon, self.norm).add_(images).clamp_(*self.bounds)
        return iterate

    def start(self, images: Tensor, epsilon: Tensor) -> Tensor:
        """Point to start from: x, or x plus a perturbation drawn uniformly from the ball, clipped."""
        if not self.random_start:
            return images
        # Drawn on the CPU, so that a seed means the same on every device.
        if self.norm == "linf":
            noise = torch.rand(images.shape, generator=self.generator).to(images) * 2 - 1
        else:
            noise = torch.randn(images.shape, generator=self.generator).to(images)
            # The share of a ball's volume within a fraction r of its radius is r to the number of dimensions.
            fraction = torch.rand(len(images), generator=self.generator).to(images) ** (1 / images[0].numel())
            noise = noise * per_sample(fraction / perturbation_norm(noise).clamp_min(TINY), images)
        return (images + per_sample(epsilon, images) * noise).clamp(*self.bounds)

    def step_length(self, epsilon: Tensor) -> Tensor:
        """Length of every sample's step, (B,): the configured one, or a quarter of the radius in force."""
        return epsilon / 4 if self.step_size is None else torch.full_like(epsilon, self.step_size)

    def direction(self, gradient: Tensor) -> Tensor:
        """Where to step, from the gradient of the loss: s(g), or -s(g) where the attack is targeted."""
        if self.step_rule == "sign":
            direction = gradient.sign()
        else:
            direction = gradient / per_sample(perturbation_norm(gradient).clamp_min(TINY), gradient)
        return -direction if self.targeted else direction

    def gradient(self, network: nn.Module, images: Tensor, labels: Tensor) -> LossAndGradient:
        """Cross-entropy per sample, (B,), and the gradient of its sum, (B, C, *spatial)."""
        # Evaluators attack inside torch.no_grad().
        with torch.enable_grad():
            images = images.detach().requires_grad_()
            loss = F.cross_entropy(network(images), labels, reduction="none")
            (gradient,) = torch.autograd.grad(loss.sum(), images)
        return loss.detach(), gradient

    def evaluate(self, network: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
        """Cross-entropy per sample, (B,), without a gradient."""
        with torch.no_grad():
            return F.cross_entropy(network(images), labels, reduction="none")
