"""The loss of HAT."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from custom.inferers import AdversarialLogits
from custom.losses.base import checked_weight
from custom.losses.trades import TRADESLoss


class HATLoss(TRADESLoss):
    r"""The loss of TRADES, and a cross-entropy on helper images beyond the adversarial ones.

    .. math::
        L(x) + \beta\, \mathrm{KL}(p(x) \,\|\, p(x_{adv})) + \gamma\, \mathrm{CE}(f(x_{helper}), y_{helper})

    Rade and Moosavi-Dezfooli, "Reducing excessive margin to achieve a better accuracy vs. robustness trade-off", ICLR
    2022. ``logits.extra`` holds ``helper``, the logits on the helper images, shape (B, C), and ``helper_labels``, their
    labels, shape (B,); without them, as on a batch without an attack, the last term is left out.

    Args:
        beta: weight of the divergence, at least 0.
        gamma: weight of the cross-entropy on the helper images, at least 0.
        label_smoothing: share of each label that is spread over all classes, in [0, 1).

    Raises:
        ValueError: if a weight or ``label_smoothing`` is out of range.

    Example::

        >>> import torch
        >>> from custom.inferers import AdversarialLogits
        >>> from custom.losses import HATLoss
        >>> zeros = torch.zeros(1, 2)
        >>> logits = AdversarialLogits(zeros, zeros, {"helper": zeros, "helper_labels": torch.tensor([1])})
        >>> HATLoss(beta=2.5, gamma=0.5)(logits, torch.tensor([0]))
        tensor(1.0397)

    """

    def __init__(self, beta: float = 2.5, gamma: float = 0.5, label_smoothing: float = 0.0) -> None:
        super().__init__(beta, label_smoothing)
        self.gamma = checked_weight("gamma", gamma)
        self.weights = {"loss_kl": beta, "loss_helper": gamma}

    def parts(self, logits: AdversarialLogits, labels: Tensor) -> dict[str, Tensor]:
        """``loss_clean``, ``loss_kl`` and ``loss_helper``; see the base class."""
        parts = super().parts(logits, labels)
        if "helper" in logits.extra:
            parts["loss_helper"] = F.cross_entropy(logits.extra["helper"], logits.extra["helper_labels"])
        return parts
