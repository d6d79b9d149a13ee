"""The loss of TRADES."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from custom.inferers import AdversarialLogits
from custom.losses.base import TrainingLoss, checked_label_smoothing, checked_weight, clean_and_adversarial
from custom.losses.divergence import kl_divergence


class TRADESLoss(TrainingLoss):
    r"""Cross-entropy on the clean images, and how far the adversarial predictions lie from the clean ones.

    .. math::
        L(x) + \beta\, \mathrm{KL}(p(x) \,\|\, p(x_{adv}))

    Zhang et al., "Theoretically principled trade-off between robustness and accuracy", ICML 2019, equation 5 with
    :math:`\beta = 1 / \lambda`. The gradient flows through both predictions.

    Args:
        beta: weight of the divergence, at least 0.
        label_smoothing: share of each label that is spread over all classes, in [0, 1).

    Raises:
        ValueError: if ``beta`` or ``label_smoothing`` is out of range.

    Example::

        >>> import torch
        >>> from custom.inferers import AdversarialLogits
        >>> from custom.losses import TRADESLoss
        >>> logits = AdversarialLogits(clean=torch.zeros(1, 2), adversarial=torch.tensor([[0.8, 0.2]]).log())
        >>> TRADESLoss(beta=6.0)(logits, torch.tensor([0]))
        tensor(2.0320)

    """

    def __init__(self, beta: float = 6.0, label_smoothing: float = 0.0) -> None:
        super().__init__()
        self.beta = checked_weight("beta", beta)
        self.label_smoothing = checked_label_smoothing(label_smoothing)
        self.weights = {"loss_kl": beta}

    def parts(self, logits: AdversarialLogits, labels: Tensor) -> dict[str, Tensor]:
        """``loss_clean`` and ``loss_kl``; see the base class."""
        clean, adversarial = clean_and_adversarial(logits)
        return {
            "loss_clean": F.cross_entropy(clean, labels, label_smoothing=self.label_smoothing),
            "loss_kl": kl_divergence(clean, adversarial).mean(),
        }
