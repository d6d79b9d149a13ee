"""What every attack has in common."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from custom.acceleration import Acceleration, Accelerations, accelerate, create_accelerations
from custom.attacks.checks import check_not_negative
from custom.attacks.network_state import BatchNormMode, check_batch_norm_mode, frozen
from custom.attacks.norms import Norm, check_norm

# Resampling overshoots by rounding; more is a normalized image, for which epsilon means something else.
BOUNDS_TOLERANCE = 1e-4


@dataclass(kw_only=True, eq=False)
class Attack(ABC):
    """An attack turns images into adversarial examples within a ball of radius epsilon.

    A subclass implements :meth:`perturb`, and declares further arguments as fields of a dataclass. The base class
    checks what comes in, freezes the network for the attack and restores it: every module's mode, every parameter's
    ``requires_grad`` and ``.grad``, the buffers (BatchNorm's statistics) and torch's global random state, also after
    an exception.

    Args:
        epsilon: radius of the ball in the units of the images, finite and >= 0.
        norm: norm of the ball, ``"l2"`` or ``"linf"``.
        targeted: the labels given are targets to reach instead of classes to leave.
        bounds: lowest and highest value of an image.
        batch_norm: mode of BatchNorm and dropout while attacking, ``"evaluation"`` or ``"training"``.
        accelerations: what makes the attack faster: the name of a preset, or accelerations in the order in which they
            are applied; see :func:`~custom.acceleration.create_accelerations`.

    Raises:
        ValueError: an argument is outside its range.
    """

    epsilon: float
    norm: Norm = "l2"
    targeted: bool = False
    bounds: tuple[float, float] = (0.0, 1.0)
    batch_norm: BatchNormMode = "evaluation"
    accelerations: Accelerations = "none"

    def __post_init__(self) -> None:
        check_norm(self.norm)
        check_batch_norm_mode(self.batch_norm)
        check_not_negative("epsilon", self.epsilon)
        if not self.bounds[0] < self.bounds[1]:
            raise ValueError(f"bounds must be (lowest, highest) with lowest < highest, not {tuple(self.bounds)}.")
        self.epsilon = float(self.epsilon)
        self.bounds = (float(self.bounds[0]), float(self.bounds[1]))
        self._accelerations: tuple[Acceleration, ...] = create_accelerations(self.accelerations)
        self.accelerations = self._accelerations

    def __call__(
        self, network: nn.Module, images: Tensor, labels: Tensor, epsilon: float | Tensor | None = None
    ) -> Tensor:
        """Attack a batch.

        Args:
            network: maps images (B, C, *spatial) to logits (B, num_classes).
            images: clean images (B, C, *spatial) within ``bounds``.
            labels: class indices (B,), int64; the targets if the attack is targeted.
            epsilon: radius for this call: a number, or a tensor (B,) with one radius per sample. None: the
                configured one.

        Returns:
            Adversarial images: shape, dtype and device of ``images``, detached, a plain tensor.

        Raises:
            ValueError: images, labels or epsilon do not fit each other or their ranges.
        """
        images, labels, radii = self.checked(images, labels, epsilon)
        with frozen(network, self.batch_norm) as inner:
            fast, start = accelerate(self._accelerations, inner, images)
            return self.perturb(fast, start, labels, radii).detach().contiguous()

    @abstractmethod
    def perturb(self, network: nn.Module, images: Tensor, labels: Tensor, epsilon: Tensor) -> Tensor:
        """Find adversarial images.

        Args:
            network: the network, frozen and accelerated: in the mode to attack in, no parameter requires a
                gradient.
            images: clean images (B, C, *spatial), a plain detached tensor.
            labels: class indices (B,).
            epsilon: radii (B,), dtype and device of ``images``.

        Returns:
            Adversarial images (B, C, *spatial).
        """

    @property
    def exact(self) -> bool:
        """Whether its accelerations keep the results up to the rounding of float32, as an evaluation needs."""
        return all(acceleration.exact for acceleration in self._accelerations)

    def with_epsilon(self, epsilon: float) -> Self:
        """The same attack with another radius, as newly constructed: it shares no random state and no warnings."""
        return replace(self, epsilon=epsilon)

    def reset(self, seed: int | None = None) -> None:  # noqa: B027
        """Forget earlier calls, so that the next ones are those of a newly constructed attack.

        Args:
            seed: seed of random numbers from now on. None: the configured one. Attacks without ignore it.
        """

    def logits(self, network: nn.Module, images: Tensor) -> Tensor:
        """Logits (B, classes), detached, with the network in the mode the attack sees.

        Only the exact accelerations are used.
        """
        images = images.detach().as_subclass(torch.Tensor)
        exact = [acceleration for acceleration in self._accelerations if acceleration.exact]
        with frozen(network, self.batch_norm) as inner, torch.no_grad():
            fast, start = accelerate(exact, inner, images)
            return fast(start)

    def cross_entropy(self, network: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
        """Cross-entropy of every sample, (B,), detached, from :meth:`logits`."""
        images, labels, _ = self.checked(images, labels, None)
        return F.cross_entropy(self.logits(network, images), labels, reduction="none")

    def checked(self, images: Tensor, labels: Tensor, epsilon: float | Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """Plain, detached images and labels, and one radius per sample, (B,).

        Raises:
            ValueError: labels are not one class index per image, images leave the bounds, or an epsilon is
                negative, not finite or not one per sample.
        """
        # MetaTensor would drag its metadata through every operation of the loop.
        images = images.detach().as_subclass(torch.Tensor)
        labels = labels.detach().as_subclass(torch.Tensor)
        count = len(images)
        if labels.shape != (count,):
            raise ValueError(f"labels must be one class index per image, ({count},), not {tuple(labels.shape)}.")
        lowest, highest = self.bounds
        if count and not (images.min() >= lowest - BOUNDS_TOLERANCE and images.max() <= highest + BOUNDS_TOLERANCE):
            raise ValueError(
                f"Images must lie in [{lowest:g}, {highest:g}], not in [{images.min():g}, {images.max():g}]; "
                "scale them, and normalize inside the network."
            )
        radii = torch.as_tensor(self.epsilon if epsilon is None else epsilon).detach().as_subclass(torch.Tensor)
        if radii.ndim > 1 or (radii.ndim == 1 and len(radii) != count):
            raise ValueError(
                f"epsilon must be a number or one radius per sample, ({count},), not {tuple(radii.shape)}."
            )
        wrong = ~((radii >= 0) & radii.isfinite())
        if bool(wrong.any()):
            raise ValueError(f"epsilon must be finite and >= 0, not {radii[wrong].reshape(-1)[0]:g}.")
        return images, labels, radii.to(images).expand(count)
