"""The path of an iterated attack, kept so that a second attack can share its beginning."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from custom.attacks.selection import padded_selection

# Per-sample losses (B,) and the gradient (B, C, *spatial) of their sum.
LossAndGradient = tuple[Tensor, Tensor]


@dataclass
class Trajectory:
    """Iterates of an attack with the losses and gradients found there.

    Two attacks from the same image with different radii walk the same path for as long as neither has been
    projected, and both start with the gradient at x. If the iterate of the second is bit-identical to the one kept
    here, so is its gradient, and the network need not be asked again.

    Attributes:
        iterates: x_0, x_1, ... of shape (B, C, *spatial).
        losses: the attack's loss per sample at each iterate, (B,).
        gradients: gradient of the summed loss at each iterate, (B, C, *spatial).
        images_adv: the adversarial images, the end of the path.
        loss_clean: cross-entropy per sample at the clean images, (B,).
    """

    iterates: list[Tensor] = field(default_factory=list)
    losses: list[Tensor] = field(default_factory=list)
    gradients: list[Tensor] = field(default_factory=list)
    images_adv: Tensor = field(default_factory=lambda: torch.empty(0))
    loss_clean: Tensor = field(default_factory=lambda: torch.empty(0))

    def append(self, iterate: Tensor, loss: Tensor, gradient: Tensor) -> None:
        """Add one point of the path."""
        self.iterates.append(iterate)
        self.losses.append(loss)
        self.gradients.append(gradient)

    def lookup(
        self,
        step: int,
        iterate: Tensor,
        reference: Tensor,
        compute: Callable[[Tensor, Tensor], LossAndGradient],
    ) -> LossAndGradient:
        """Loss and gradient at ``iterate``: from the path if a sample is still on it, else computed.

        Args:
            step: number of the step about to be taken, from 0.
            iterate: the present iterate of the attack, (B, C, *spatial).
            reference: what the loss compares with, one row per sample, (B, ...).
            compute: called with the images (K, C, *spatial) and references (K, ...) of the samples off the path, and
                of so many others that K is a multiple of eight or the whole batch.

        Returns:
            Losses (B,) and gradient (B, C, *spatial).
        """
        if step >= len(self.iterates):
            return compute(iterate, reference)
        moved = iterate != self.iterates[step]
        left = moved.any(dim=tuple(range(1, moved.ndim)))
        count = int(left.sum())
        if count == 0:
            return self.losses[step], self.gradients[step]
        asked = padded_selection(left)
        off = asked[:count]
        loss, gradient = compute(iterate[asked], reference[asked])
        # A clone keeps the layout in memory, which index_copy does not.
        return (
            self.losses[step].index_copy(0, off, loss[:count]),
            self.gradients[step].clone().index_copy_(0, off, gradient[:count]),
        )
