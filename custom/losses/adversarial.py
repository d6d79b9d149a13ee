"""The loss that every training method here minimises, told apart by two weights."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F
from torch.nn.modules.loss import _Loss

from custom.inferers import AdversarialLogits
from custom.losses.synchronization import SynchronizationLoss


class AdversarialLoss(_Loss):
    """Cross-entropy on adversarial and on clean images, and the synchronization loss between the two.

    The three are weighed by two numbers::

        alpha L(x_adv) + (1 - alpha) L(x) + beta L_syn(x, x_adv)

    Every method is a case of it: AT (equation 3) is ``alpha=1, beta=0``; SAT (equation 4) ``beta=0``; AMAT
    (equation 7) ``alpha=0.5, beta=0``; DPAAT (equation 12) all of it. On a batch without adversarial images it is
    the cross-entropy on the clean ones: standard training.

    Args:
        alpha: weight of the adversarial cross-entropy, in [0, 1].
        beta: weight of the synchronization loss, at least 0.
        synchronization: the loss that ``beta`` weighs; ``SynchronizationLoss()`` where none is given.

    Raises:
        ValueError: when ``alpha`` or ``beta`` is out of range.

    Example::

        >>> import torch
        >>> from custom.inferers import AdversarialLogits
        >>> from custom.losses import AdversarialLoss
        >>> logits = AdversarialLogits(clean=torch.zeros(2, 3), adversarial=torch.zeros(2, 3))
        >>> AdversarialLoss(alpha=0.5, beta=1.0)(logits, torch.tensor([0, 2]))
        tensor(1.0986)

    """

    def __init__(
        self, alpha: float = 0.5, beta: float = 0.0, synchronization: SynchronizationLoss | None = None
    ) -> None:
        super().__init__()
        if not 0 <= alpha <= 1:
            raise ValueError(f"alpha must be in [0, 1], got {alpha}.")
        if beta < 0:
            raise ValueError(f"beta must be at least 0, got {beta}.")
        self.alpha = alpha
        self.beta = beta
        self.synchronization = SynchronizationLoss() if synchronization is None else synchronization
        self.parts: dict[str, Tensor] = {}

    @property
    def needs_clean(self) -> bool:
        """Whether the clean images have a part in the loss once there are adversarial ones."""
        return self.alpha < 1 or self.beta > 0

    def forward(self, logits: AdversarialLogits, labels: Tensor) -> Tensor:
        """Compute the loss of one mini-batch, and keep its parts, detached, in ``parts``.

        Args:
            logits: logits on the clean and the adversarial images, each of shape (B, C) or missing.
            labels: class indices, shape (B,).

        Returns:
            The loss, a scalar.

        Raises:
            ValueError: when logits that the weights ask for are missing.

        """
        clean, adversarial = logits
        if adversarial is None:
            if clean is None:
                raise ValueError("There are neither clean nor adversarial logits to compute a loss from.")
            loss = F.cross_entropy(clean, labels)
            self.parts = {"loss_clean": loss.detach()}
            return loss
        loss_adv = F.cross_entropy(adversarial, labels)
        self.parts = {"loss_adversarial": loss_adv.detach()}
        if not self.needs_clean:
            return loss_adv
        if clean is None:
            raise ValueError(f"alpha {self.alpha} and beta {self.beta} need the clean images' logits as well.")
        loss_clean = F.cross_entropy(clean, labels)
        loss = self.alpha * loss_adv + (1 - self.alpha) * loss_clean
        self.parts["loss_clean"] = loss_clean.detach()
        if self.beta > 0:
            loss_synchronization = self.synchronization(clean, adversarial)
            loss = loss + self.beta * loss_synchronization
            self.parts["loss_synchronization"] = loss_synchronization.detach()
        return loss
