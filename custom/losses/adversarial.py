"""The loss of the paper's methods: two cross-entropies and the synchronization loss."""

from __future__ import annotations

from functools import partial

from torch import Tensor
from torch.nn import functional as F

from custom.inferers import AdversarialLogits
from custom.losses.base import TrainingLoss, checked_label_smoothing, checked_weight
from custom.losses.synchronization import SynchronizationLoss


class AdversarialLoss(TrainingLoss):
    """Weighted sum of the cross-entropies on adversarial and clean images and of the synchronization loss.

    ::

        alpha L(x_adv) + (1 - alpha) L(x) + beta L_syn(x, x_adv)

    The paper's methods are cases of it: AT (equation 3) is ``alpha=1, beta=0``; SAT (equation 4) ``beta=0``; AMAT
    (equation 7) ``alpha=0.5, beta=0``; DPAAT (equation 12) all of it. On a batch without adversarial images it is
    the cross-entropy on the clean ones: standard training.

    Args:
        alpha: weight of the adversarial cross-entropy, in [0, 1].
        beta: weight of the synchronization loss, at least 0.
        synchronization: the loss weighted by ``beta``; ``SynchronizationLoss()`` by default.
        label_smoothing: share of each label that is spread over all classes, in [0, 1).

    Raises:
        ValueError: if a weight or the label smoothing is out of range.

    Example::

        >>> import torch
        >>> from custom.inferers import AdversarialLogits
        >>> from custom.losses import AdversarialLoss
        >>> logits = AdversarialLogits(clean=torch.zeros(2, 3), adversarial=torch.zeros(2, 3))
        >>> AdversarialLoss(alpha=0.5, beta=1.0)(logits, torch.tensor([0, 2]))
        tensor(1.0986)

    """

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.0,
        synchronization: SynchronizationLoss | None = None,
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__()
        if not 0 <= alpha <= 1:
            raise ValueError(f"alpha must be in [0, 1], got {alpha}.")
        self.alpha = alpha
        self.beta = checked_weight("beta", beta)
        self.needs_clean = alpha < 1 or beta > 0
        self.synchronization = SynchronizationLoss() if synchronization is None else synchronization
        self.label_smoothing = checked_label_smoothing(label_smoothing)
        self.cross_entropy = partial(F.cross_entropy, label_smoothing=label_smoothing)

    def forward(self, logits: AdversarialLogits, labels: Tensor) -> Tensor:
        """Compute the loss of one mini-batch.

        Args:
            logits: logits on the clean and the adversarial images, each of shape (B, C) or missing.
            labels: class indices, shape (B,).

        Returns:
            The loss, a scalar.

        Raises:
            ValueError: if logits are missing that the weights ask for.

        """
        parts = self.parts(logits, labels)
        if "loss_adversarial" not in parts:
            return parts["loss_clean"]
        if not self.needs_clean:
            return parts["loss_adversarial"]
        loss = self.alpha * parts["loss_adversarial"] + (1 - self.alpha) * parts["loss_clean"]
        return loss + self.beta * parts["loss_synchronization"] if self.beta > 0 else loss

    def parts(self, logits: AdversarialLogits, labels: Tensor) -> dict[str, Tensor]:
        """The parts of the loss, not yet weighted, by name.

        Args:
            logits: as for :meth:`forward`.
            labels: class indices, shape (B,).

        Returns:
            ``loss_clean``, ``loss_adversarial`` and ``loss_synchronization``, as far as the loss has them; scalars.

        Raises:
            ValueError: if logits are missing that the weights ask for.
        """
        clean, adversarial = logits.clean, logits.adversarial
        if adversarial is None:
            if clean is None:
                raise ValueError("A loss needs the logits of clean or of adversarial images, got neither.")
            return {"loss_clean": self.cross_entropy(clean, labels)}
        parts = {"loss_adversarial": self.cross_entropy(adversarial, labels)}
        if self.needs_clean:
            if clean is None:
                raise ValueError(f"alpha {self.alpha} and beta {self.beta} need the clean images' logits as well.")
            parts["loss_clean"] = self.cross_entropy(clean, labels)
            if self.beta > 0:
                parts["loss_synchronization"] = self.synchronization(clean, adversarial)
        return parts
