"""The loss of LBGAT."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from custom.inferers import AdversarialLogits
from custom.losses.base import TrainingLoss, checked_label_smoothing, checked_weight, clean_and_adversarial
from custom.losses.divergence import kl_divergence


class LBGATLoss(TrainingLoss):
    r"""Train a teacher on the clean images, and draw the network's adversarial logits to the teacher's clean ones.

    .. math::
        \mathrm{CE}(T(x), y) + \mathrm{MSE}(S(x_{adv}), T(x)) + \beta\, \mathrm{KL}(p_S(x) \,\|\, p_S(x_{adv}))

    Cui et al., "Learnable boundary guided adversarial training", ICCV 2021. T is the teacher, S the network; the mean
    squared error is over all logits, and its gradient flows into both. ``logits.extra`` holds ``teacher``, the logits
    T(x), shape (B, C).

    Args:
        beta: weight of the divergence, at least 0; 6 with TRADES, 0 without, in the source.
        label_smoothing: share of each label that is spread over all classes in the teacher's loss, in [0, 1).

    Raises:
        ValueError: if ``beta`` or ``label_smoothing`` is out of range.

    Example::

        >>> import torch
        >>> from custom.inferers import AdversarialLogits
        >>> from custom.losses import LBGATLoss
        >>> logits = AdversarialLogits(torch.zeros(1, 2), torch.ones(1, 2), {"teacher": torch.zeros(1, 2)})
        >>> LBGATLoss()(logits, torch.tensor([0]))
        tensor(1.6931)

    """

    def __init__(self, beta: float = 0.0, label_smoothing: float = 0.0) -> None:
        super().__init__()
        self.beta = checked_weight("beta", beta)
        self.label_smoothing = checked_label_smoothing(label_smoothing)
        self.weights = {"loss_kl": beta}
        self.needs_clean = beta > 0

    def parts(self, logits: AdversarialLogits, labels: Tensor) -> dict[str, Tensor]:
        """``loss_teacher``, ``loss_mse`` and, if it counts, ``loss_kl``; see the base class.

        Raises:
            ValueError: if the logits of the network or of the teacher are missing.
        """
        if "teacher" not in logits.extra:
            raise ValueError("The loss of LBGAT needs the teacher's logits, got none.")
        teacher = logits.extra["teacher"]
        adversarial = logits.clean if logits.adversarial is None else logits.adversarial
        if adversarial is None:
            raise ValueError("The loss needs the logits of clean or of adversarial images, got neither.")
        parts = {
            "loss_teacher": F.cross_entropy(teacher, labels, label_smoothing=self.label_smoothing),
            "loss_mse": F.mse_loss(adversarial, teacher),
        }
        if self.beta > 0:
            parts["loss_kl"] = kl_divergence(*clean_and_adversarial(logits)).mean()
        return parts
