"""Projected gradient descent."""

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from custom.acceleration import accelerate
from custom.attacks.attack import Attack
from custom.attacks.gradients import logits_and_gradient
from custom.attacks.losses import AttackLoss, CrossEntropy, LossName, create_loss
from custom.attacks.network_state import frozen
from custom.attacks.norms import per_sample, perturbation_norm
from custom.attacks.projections import project
from custom.attacks.selection import padded_selection
from custom.attacks.starts import check_start, gaussian, uniform_in_ball
from custom.attacks.steps import (
    StepRule,
    StepSchedule,
    check_steps,
    default_fraction,
    default_rule,
    direction,
    schedule_factors,
)
from custom.attacks.stopping import StopCriterion
from custom.attacks.trajectory import LossAndGradient, Trajectory
from custom.attacks.worst_case import WorstCase


@dataclass(kw_only=True, eq=False)
class PGD(Attack):
    r"""Projected gradient descent: steps up the loss, each followed by a projection.

    .. math::
        x_0 = x, \qquad x_{t+1} = \mathrm{clip}\bigl(\Pi_\epsilon(x_t + \eta_t\, s(\nabla_{x_t} L))\bigr)

    L is the loss summed over the batch, s the step rule, :math:`\Pi_\epsilon` the projection onto the ball of radius
    epsilon about x, clip keeps values within the bounds. Seven steps of 0.15 in an l2 ball of 0.3 are the training
    adversary of DPAAT.

    Args:
        epsilon: see :class:`~custom.attacks.attack.Attack`, as are the arguments not listed here.
        steps: number of steps, >= 1.
        step_size: length of the (first) step in the units of the images, > 0, whatever the radius of a call.
        step_fraction: the same as a fraction of the radius in force, > 0, instead of ``step_size``. Neither: a quarter
            of the radius, more if fewer than four steps have to reach it; the whole radius if the steps fall.
        step_schedule: ``"constant"``, or ``"cosine"``: steps that fall from the first towards 0.
        step_rule: ``"normalized"``, s(g) = g / max(||g||_2, 1e-12) per sample, or ``"sign"``,
            s(g) = sign(g). None: the rule of the norm, normalized for l2 and sign for l-infinity. Normalized
            steps in an l-infinity ball are refused: they would hardly move a value.
        loss: what to maximize: ``"cross_entropy"``, ``"margin"``, ``"kl"`` (TRADES), or an
            :class:`~custom.attacks.losses.AttackLoss`.
        random_start: start from a point drawn uniformly from the ball instead of from x.
        start_noise: standard deviation of Gaussian noise added to x as the start, >= 0 (TRADES: 0.001).
        restarts: number of random starts, of which every sample keeps the strongest result; more than one needs
            ``random_start``.
        seed: seed of the random starts, which come from a generator of the attack's own.
        stop: when a sample leaves the attack before the last step, see :mod:`custom.attacks.stopping`.

    Raises:
        ValueError: an argument is outside its range, or the steps together are shorter than the radius. With a
            ``step_size``, radii per sample may exceed them.

    Example:
        >>> network = nn.Sequential(nn.Flatten(), nn.Linear(12, 3))
        >>> attack = PGD(epsilon=0.3, steps=7, step_size=0.15)
        >>> images_adv = attack(network, torch.rand(2, 3, 2, 2), torch.tensor([0, 2]))
    """

    steps: int
    step_size: float | None = None
    step_fraction: float | None = None
    step_schedule: StepSchedule = "constant"
    step_rule: StepRule | None = None
    loss: LossName | AttackLoss = "cross_entropy"
    random_start: bool = False
    start_noise: float = 0.0
    restarts: int = 1
    seed: int = 0
    stop: StopCriterion | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._loss = create_loss(self.loss)
        check_steps(
            steps=self.steps,
            size=self.step_size,
            fraction=self.step_fraction,
            schedule=self.step_schedule,
            rule=self.step_rule,
            norm=self.norm,
        )
        check_start(
            random_start=self.random_start,
            noise=self.start_noise,
            restarts=self.restarts,
            stationary=self.loss if self._loss.stationary else None,
        )
        if self.stop is not None and (self.targeted or self.restarts > 1):
            raise ValueError("stop works for untargeted attacks with one start.")
        self._rule: StepRule = self.step_rule or default_rule(self.norm)
        self.step_rule = self._rule
        self._factors = schedule_factors(self.step_schedule, self.steps)
        self._generator = torch.Generator()
        self.check_reach(self.epsilon)
        self.reset()

    def check_reach(self, epsilon: float) -> None:
        """Raise if all steps together are shorter than a radius.

        Raises:
            ValueError: so they are.
        """
        length = float(self.step_length(torch.tensor(epsilon, dtype=torch.float64)))
        total = length * sum(self._factors)
        # A step by another norm's rule has no fixed length in the norm of the ball.
        if self._rule == default_rule(self.norm) and total < epsilon * (1 - 1e-6):
            raise ValueError(
                f"The steps ({self.steps}, the first of {length:.4g}) reach {total:.4g}, not the radius "
                f"{epsilon:.4g}: use more or longer ones."
            )

    def checked(self, images: Tensor, labels: Tensor, epsilon: float | Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """See the base class.

        Raises:
            ValueError: also if one radius for all is beyond the reach of the steps.
        """
        checked = super().checked(images, labels, epsilon)
        if epsilon is not None and torch.as_tensor(epsilon).ndim == 0:
            self.check_reach(float(epsilon))
        return checked

    def reset(self, seed: int | None = None) -> None:
        """Start the sequence of random starts again; see the base class."""
        self._generator.manual_seed(self.seed if seed is None else seed)

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
                training mode, in which a sample's gradient depends on the others.

        Returns:
            The path: ``images_adv``, ``loss_clean``, and the points before every sample was projected.

        Raises:
            ValueError: as for a call.
        """
        images, labels, radii = self.checked(images, labels, epsilon)
        path = Trajectory()
        with frozen(network, self.batch_norm) as inner:
            fast, start = accelerate(self._accelerations, inner, images)
            path.images_adv = self.perturb(fast, start, labels, radii, path, reuse).contiguous()
        from_clean = not (self.random_start or self.start_noise) and bool(path.losses)
        if from_clean and self.exact and isinstance(self._loss, CrossEntropy):
            # The first gradient is the one at x, and its forward pass gave this loss.
            path.loss_clean = path.losses[0]
        else:
            path.loss_clean = self.cross_entropy(network, images, labels)
        return path

    def continued(
        self, network: nn.Module, images: Tensor, labels: Tensor, epsilon: Tensor, images_adv: Tensor, steps: int
    ) -> Tensor:
        """Take the first steps of the attack from given points instead of its start.

        Args:
            network: as for a call.
            images: as for a call.
            labels: as for a call.
            epsilon: as for a call.
            images_adv: the points, (B, C, *spatial), which are projected into the ball first.
            steps: number of steps, at most the configured one.
        """
        images, labels, radii = self.checked(images, labels, epsilon)
        with frozen(network, self.batch_norm) as inner:
            fast, start = accelerate(self._accelerations, inner, images)
            return self.climb(fast, start, labels, radii, points=images_adv, steps=steps).contiguous()

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
        if self.stop is not None:
            return self.climb_until(self.stop, network, images, labels, epsilon)
        found = self.climb(network, images, labels, epsilon, path, reuse)
        if self.restarts == 1:
            return found
        worst = WorstCase(network, labels, found, targeted=self.targeted)
        for _ in range(self.restarts - 1):
            worst.update(self.climb(network, images, labels, epsilon))
        return worst.images_adv

    def climb(
        self,
        network: nn.Module,
        images: Tensor,
        labels: Tensor,
        epsilon: Tensor,
        path: Trajectory | None = None,
        reuse: Trajectory | None = None,
        points: Tensor | None = None,
        steps: int | None = None,
    ) -> Tensor:
        """Take the steps from the start or from points; write to ``path`` and read from ``reuse`` if they are given."""
        if self.batch_norm == "training" or self.random_start or self.start_noise:
            reuse = None
        reference = self._loss.reference(network, images, labels)
        iterate = self.start(images, epsilon) if points is None else self.started_at(points, images, epsilon)
        length = per_sample(self.step_length(epsilon), images)
        for step, factor in enumerate(self._factors[:steps]):
            if reuse is None:
                loss, gradient = self.gradient(network, iterate, reference)
            else:
                loss, gradient = reuse.lookup(step, iterate, reference, partial(self.gradient, network))
            if path is not None:
                path.append(iterate, loss, gradient)
            moved = self.moved(images, iterate, gradient, length * factor)
            if path is not None and bool((perturbation_norm(moved, self.norm) > epsilon).all()):
                # Paths of other radii part here at the latest, so the rest need not be kept.
                path = None
            iterate = self.within(moved, images, epsilon)
        return iterate

    def climb_until(
        self, stop: StopCriterion, network: nn.Module, images: Tensor, labels: Tensor, epsilon: Tensor
    ) -> Tensor:
        """Take steps until each sample meets the criterion; those that have met it leave the batch."""
        reference = self._loss.reference(network, images, labels)
        iterate = self.start(images, epsilon)
        found = iterate.clamp(*self.bounds)
        met = torch.zeros(len(images), dtype=torch.long, device=images.device)
        # The rows of the batch that still climb, and others that pad it.
        rows = torch.arange(len(images), device=images.device)
        for factor in self._factors:
            logits, _, gradient = logits_and_gradient(network, iterate, self._loss, reference[rows])
            met[rows] += stop.met(logits, labels[rows]).long()
            climbing = met[rows] <= stop.delay
            if not bool(climbing.any()):
                break
            # In training mode a sample's gradient depends on the others, so all stay.
            kept = padded_selection(climbing if self.batch_norm == "evaluation" else torch.ones_like(climbing))
            rows, iterate, gradient = rows[kept], iterate[kept], gradient[kept]
            length = per_sample(self.step_length(epsilon[rows]), images) * factor
            moved = self.moved(images[rows], iterate, gradient, length)
            iterate = self.within(moved, images[rows], epsilon[rows])
            climbing = climbing[kept]
            found[rows[climbing]] = iterate[climbing]
        return found

    def start(self, images: Tensor, epsilon: Tensor) -> Tensor:
        """Point to start from: x, or x plus a random perturbation, clipped."""
        if self.random_start:
            noise = uniform_in_ball(images, epsilon, self.norm, self._generator)
        elif self.start_noise:
            noise = project(gaussian(images, self._generator) * self.start_noise, epsilon, self.norm)
        else:
            return images
        return (images + noise).clamp(*self.bounds)

    def started_at(self, points: Tensor, images: Tensor, epsilon: Tensor) -> Tensor:
        """Points of the ball to start from: the given ones, projected."""
        return self.within(points - images, images, epsilon)

    def within(self, perturbation: Tensor, images: Tensor, epsilon: Tensor) -> Tensor:
        """The images with the perturbation, which is projected onto the ball, within the bounds."""
        return project(perturbation, epsilon, self.norm).add_(images).clamp_(*self.bounds)

    def step_length(self, epsilon: Tensor) -> Tensor:
        """Length of the first step, the shape of ``epsilon``: the configured one, or a fraction of the radius."""
        if self.step_size is not None:
            return torch.full_like(epsilon, self.step_size)
        fraction = self.step_fraction
        return epsilon * (default_fraction(self.step_schedule, self.steps) if fraction is None else fraction)

    def moved(self, images: Tensor, iterate: Tensor, gradient: Tensor, length: Tensor) -> Tensor:
        """The perturbation after a step, not yet projected, as a new tensor."""
        # In place on what is new: each pass over the images' memory takes its share of a small network's time.
        step = direction(gradient, self._rule)
        return (iterate - images).addcmul_(-step if self.targeted else step, length)

    def gradient(self, network: nn.Module, images: Tensor, reference: Tensor) -> LossAndGradient:
        """Loss per sample, (B,), and the gradient of its sum, (B, C, *spatial)."""
        _, loss, gradient = logits_and_gradient(network, images, self._loss, reference)
        return loss, gradient
