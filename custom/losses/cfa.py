"""The loss of CFA on top of TRADES."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from custom.inferers import AdversarialLogits
from custom.losses.base import TrainingLoss, checked_label_smoothing, checked_weight, clean_and_adversarial
from custom.losses.divergence import kl_divergence


class CFALoss(TrainingLoss):
    r"""The loss of TRADES with a weight of the divergence for each class.

    .. math::
        \frac{1}{1 + \beta_y} L(x) + \frac{\beta_y}{1 + \beta_y} \mathrm{KL}(p(x) \,\|\, p(x_{adv}))

    Wei et al., "CFA: class-wise calibrated fair adversarial training", CVPR 2023: the customized regularization. The
    two weights add up to 1, so that no class counts more than another.

    Args:
        beta: weight of the divergence of a class without one of its own, at least 0.
        label_smoothing: share of each label that is spread over all classes, in [0, 1).

    Attributes:
        class_beta: beta_y of every class, shape (C,); ``None``: ``beta`` for all.

    Raises:
        ValueError: if ``beta`` or ``label_smoothing`` is out of range.

    Example::

        >>> import torch
        >>> from custom.inferers import AdversarialLogits
        >>> from custom.losses import CFALoss
        >>> logits = AdversarialLogits(clean=torch.zeros(1, 2), adversarial=torch.tensor([[0.8, 0.2]]).log())
        >>> loss = CFALoss(beta=6.0)
        >>> loss.class_beta = torch.tensor([1.0, 3.0])
        >>> loss(logits, torch.tensor([0]))
        tensor(0.4581)

    """

    def __init__(self, beta: float = 6.0, label_smoothing: float = 0.0) -> None:
        super().__init__()
        self.beta = checked_weight("beta", beta)
        self.label_smoothing = checked_label_smoothing(label_smoothing)
        self.class_beta: Tensor | None = None

    def parts(self, logits: AdversarialLogits, labels: Tensor) -> dict[str, Tensor]:
        """``loss_clean`` and ``loss_kl``, each with its weights; see the base class."""
        clean, adversarial = clean_and_adversarial(logits)
        cross_entropy = F.cross_entropy(clean, labels, reduction="none", label_smoothing=self.label_smoothing)
        divergence = kl_divergence(clean, adversarial)
        beta = torch.full_like(divergence, self.beta)
        if self.class_beta is not None:
            beta = self.class_beta.to(divergence)[labels]
        weight = beta / (1 + beta)
        return {
            "loss_clean": ((1 - weight) * cross_entropy).mean(),
            "loss_kl": (weight * divergence).mean(),
        }
