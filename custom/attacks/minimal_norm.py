"""The smallest perturbation that fools a network."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from custom.acceleration import accelerate
from custom.attacks.attack import Attack
from custom.attacks.checks import check_count, check_positive
from custom.attacks.losses import AttackLoss, CrossEntropy, Margin
from custom.attacks.network_state import frozen
from custom.attacks.norms import per_sample, perturbation_norm
from custom.attacks.projections import TINY, project
from custom.attacks.steps import direction
from custom.counts import counted


@dataclass(kw_only=True, eq=False)
class MinimalNormAttack(Attack):
    r"""Fast minimum-norm attack, FMN (Pintor et al., 2021): each image's smallest radius instead of one for all.

    Steps :math:`\alpha_k\, g / \|g\|_2` along the gradient of a loss, each projected onto a ball whose radius is
    adapted per sample: it shrinks by the factor :math:`1 - \gamma_k` at an iterate that fools the network (and to
    the smallest radius that did), and grows by :math:`1 + \gamma_k` at others. Both :math:`\alpha_k` and
    :math:`\gamma_k` fall as a cosine.

    A first pass follows the margin L. Until it has fooled the network, the radius is set to the distance at which a
    linear network would be fooled, :math:`\|\delta\|_p + |L| / \|g\|_q` with the dual norm q, before it grows.
    A second pass follows the cross-entropy, from x and the radius found (``epsilon``, if none was): either loss alone
    gets stuck on some images.

    An image comes back as its smallest adversarial example, or unchanged if none was found. What is found bounds the
    smallest radius from above, as every attack does.

    Args:
        epsilon: the largest radius to search, finite and >= 0; see :class:`~custom.attacks.attack.Attack` also for the
            arguments not listed here.
        steps: number of steps of either pass, >= 1.
        step_size: length of the first step, > 0; the last is about a hundredth of it.
        gamma: first relative change of a radius, in (0, 1).

    Raises:
        ValueError: an argument is outside its range.

    Example:
        >>> network = nn.Linear(2, 2, bias=False)
        >>> network.weight.data = torch.eye(2)
        >>> attack = MinimalNormAttack(epsilon=1.0)
        >>> attack.radii(network, torch.tensor([[0.8, 0.5]]), torch.tensor([0])).item()  # 0.3 / sqrt(2)
        0.2121...
    """

    steps: int = 100
    step_size: float = 1.0
    gamma: float = 0.05

    def __post_init__(self) -> None:
        super().__post_init__()
        check_count("steps", self.steps)
        check_positive("step_size", self.step_size)
        if not 0 < self.gamma < 1:
            raise ValueError(f"gamma must lie between 0 and 1, not {self.gamma}.")

    @property
    def name(self) -> str:
        """FMN and its steps."""
        return f"FMN ({counted(self.steps, 'step')})"

    def radii(
        self, network: nn.Module, images: Tensor, labels: Tensor, epsilon: float | Tensor | None = None
    ) -> Tensor:
        """The smallest radius at which each image fools the network.

        Args:
            network: as for a call.
            images: as for a call.
            labels: as for a call.
            epsilon: as for a call.

        Returns:
            Radii (B,): 0 for an image that is misclassified as it is, infinity if none up to epsilon was found.

        Raises:
            ValueError: as for a call.
        """
        images, labels, limit = self.checked(images, labels, epsilon)
        with frozen(network, self.batch_norm) as inner:
            fast, start = accelerate(self._accelerations, inner, images)
            images_adv, found = self.search(fast, start, labels, limit)
            radii = perturbation_norm(images_adv - start, self.norm)
        return torch.where(found, radii, torch.inf)

    def perturb(self, network: nn.Module, images: Tensor, labels: Tensor, epsilon: Tensor) -> Tensor:
        """Search, and return the images; see the base class."""
        return self.search(network, images, labels, epsilon)[0]

    def search(self, network: nn.Module, images: Tensor, labels: Tensor, epsilon: Tensor) -> tuple[Tensor, Tensor]:
        """The smallest adversarial example of each image, and whether there is one.

        Args:
            network: as for :meth:`perturb`.
            images: clean images (B, C, *spatial).
            labels: class indices (B,).
            epsilon: the largest radii to search, (B,).

        Returns:
            Images (B, C, *spatial), and booleans (B,).
        """
        smallest = images, torch.full_like(epsilon, torch.inf)
        for loss in (Margin(), CrossEntropy()):
            smallest = self.descend(network, images, labels, epsilon, loss, *smallest)
        images_adv, radius = smallest
        return images_adv, radius.isfinite()

    def descend(
        self,
        network: nn.Module,
        images: Tensor,
        labels: Tensor,
        epsilon: Tensor,
        loss: AttackLoss,
        smallest: Tensor,
        smallest_radius: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """One pass along one loss.

        Args:
            network: as for :meth:`search`.
            images: as for :meth:`search`.
            labels: as for :meth:`search`.
            epsilon: as for :meth:`search`.
            loss: the loss to follow.
            smallest: smallest adversarial examples so far, (B, C, *spatial).
            smallest_radius: their radii, (B,); infinite if there is none.

        Returns:
            The smallest adversarial examples and their radii.
        """
        iterate, radius = images, torch.minimum(smallest_radius, epsilon)
        for step in range(self.steps + 1):
            margin, gradient = self.margin_and_gradient(network, iterate, labels, loss)
            size = perturbation_norm(iterate - images, self.norm)
            fools = margin > 0
            smaller = fools & (size < smallest_radius)
            smallest = torch.where(per_sample(smaller, images), iterate, smallest)
            smallest_radius = torch.where(smaller, size, smallest_radius)
            annealing = (1 + math.cos(math.pi * step / self.steps)) / 2
            gamma = self.gamma * annealing
            if isinstance(loss, Margin):
                distance = size + margin.abs() / self.dual_norm(gradient).clamp_min(TINY)
                radius = torch.where(smallest_radius.isinf(), distance, radius)
            shrunk = torch.minimum(radius * (1 - gamma), smallest_radius)
            radius = torch.where(fools, shrunk, radius * (1 + gamma))
            radius = torch.minimum(radius, epsilon)
            length = self.step_size * (annealing + (1 - annealing) / 100)
            step_up = direction(gradient, "normalized")
            moved = (iterate - images).add_(-step_up if self.targeted else step_up, alpha=length)
            iterate = project(moved, radius, self.norm).add_(images).clamp_(*self.bounds)
        return smallest, smallest_radius

    def dual_norm(self, gradient: Tensor) -> Tensor:
        """Norm of every sample's gradient, (B,), dual to that of the ball: l2 for l2, l1 for l-infinity."""
        axes = tuple(range(1, gradient.ndim))
        return torch.linalg.vector_norm(gradient, ord=2 if self.norm == "l2" else 1, dim=axes)

    def margin_and_gradient(
        self, network: nn.Module, images: Tensor, labels: Tensor, loss: AttackLoss
    ) -> tuple[Tensor, Tensor]:
        """How far each sample is beyond the boundary, (B,), and the gradient of the summed loss, (B, C, *spatial)."""
        # Evaluators attack inside torch.no_grad().
        with torch.enable_grad():
            images = images.detach().requires_grad_()
            logits = network(images)
            (gradient,) = torch.autograd.grad(loss(logits, labels).sum(), images)
        margin = Margin()(logits.detach(), labels)
        return -margin if self.targeted else margin, gradient
