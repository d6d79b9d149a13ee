"""The loss of MART."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from custom.inferers import AdversarialLogits
from custom.losses.base import TrainingLoss, checked_weight, clean_and_adversarial
from custom.losses.divergence import kl_divergence


class MARTLoss(TrainingLoss):
    r"""Boosted cross-entropy on the adversarial images, and a divergence that counts most for misclassified images.

    .. math::
        -\log p_y(x_{adv}) - \log(1 - \max_{k \ne y} p_k(x_{adv}))
        + \beta\, \mathrm{KL}(p(x) \,\|\, p(x_{adv}))\,(1 - p_y(x))

    Wang et al., "Improving adversarial robustness requires revisiting misclassified examples", ICLR 2020: the boosted
    cross-entropy, and the regularization of misclassified examples.

    Args:
        beta: weight of the divergence, at least 0.

    Raises:
        ValueError: if ``beta`` is out of range.

    Example::

        >>> import torch
        >>> from custom.inferers import AdversarialLogits
        >>> from custom.losses import MARTLoss
        >>> logits = AdversarialLogits(clean=torch.zeros(1, 2), adversarial=torch.tensor([[0.8, 0.2]]).log())
        >>> MARTLoss(beta=5.0)(logits, torch.tensor([0]))
        tensor(1.0041)

    """

    def __init__(self, beta: float = 5.0) -> None:
        super().__init__()
        self.beta = checked_weight("beta", beta)
        self.weights = {"loss_kl": beta}

    def parts(self, logits: AdversarialLogits, labels: Tensor) -> dict[str, Tensor]:
        """``loss_adversarial``, the boosted cross-entropy, and ``loss_kl``; see the base class."""
        clean, adversarial = clean_and_adversarial(logits)
        wrong = 1 - clean.to(torch.promote_types(clean.dtype, torch.float32)).softmax(1).gather(
            1, labels[:, None]
        ).squeeze(1)
        return {
            "loss_adversarial": boosted_cross_entropy(adversarial, labels).mean(),
            "loss_kl": (kl_divergence(clean, adversarial) * wrong).mean(),
        }


def boosted_cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy plus ``-log(1 - p_k)`` of the most likely wrong class k, of every sample.

    Args:
        logits: shape (B, C), with at least two classes.
        labels: class indices, shape (B,).

    Returns:
        Losses, shape (B,), in float32 at least.
    """
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    wrong = logits.scatter(1, labels[:, None], -torch.inf).argmax(1)
    # log(1 - p_k) is the log-probability of all other classes together, which never overflows.
    others = logits.scatter(1, wrong[:, None], -torch.inf).logsumexp(1) - logits.logsumexp(1)
    return F.cross_entropy(logits, labels, reduction="none") - others
