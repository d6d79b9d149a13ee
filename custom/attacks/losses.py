"""What an attack maximizes, one number per sample."""

from abc import ABC, abstractmethod
from typing import Literal, get_args

import torch
from torch import Tensor, nn
from torch.nn import functional as F

LossName = Literal["cross_entropy", "margin", "kl"]


class AttackLoss(ABC):
    """A loss of the logits against a reference that stays fixed during the attack.

    A subclass implements :meth:`__call__`, and overrides :meth:`reference` if it compares with something other than
    the labels.

    Attributes:
        stationary: the gradient at the clean image is zero, so that an attack has to start elsewhere.
    """

    stationary: bool = False

    def reference(self, network: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
        """What the logits are compared with, one row per sample, (B, ...): the labels, unless overridden.

        Args:
            network: the network under attack.
            images: clean images (B, C, *spatial).
            labels: class indices (B,).
        """
        return labels

    @abstractmethod
    def __call__(self, logits: Tensor, reference: Tensor) -> Tensor:
        """The loss of every sample.

        Args:
            logits: (B, classes), at the present iterate.
            reference: rows of what :meth:`reference` returned, (B, ...).

        Returns:
            Losses (B,), differentiable with respect to the logits.
        """


class CrossEntropy(AttackLoss):
    """Cross-entropy with the labels; its gradient vanishes once the softmax saturates.

    Example:
        >>> CrossEntropy()(torch.zeros(1, 2), torch.tensor([0]))
        tensor([0.6931])
    """

    def __call__(self, logits: Tensor, reference: Tensor) -> Tensor:
        """See the base class."""
        return F.cross_entropy(logits, reference, reduction="none")


class Margin(AttackLoss):
    r"""The best wrong logit minus the right one, :math:`\max_{j \ne y} z_j - z_y` (Carlini and Wagner, 2017).

    Positive if and only if the sample is misclassified. Its gradient keeps its direction whatever the scale of the
    logits.

    Example:
        >>> Margin()(torch.tensor([[3.0, 1.0, 2.0]]), torch.tensor([1]))
        tensor([2.])
    """

    def __call__(self, logits: Tensor, reference: Tensor) -> Tensor:
        """See the base class."""
        right = logits.gather(1, reference[:, None]).squeeze(1)
        wrong = logits.scatter(1, reference[:, None], -torch.inf).amax(1)
        return wrong - right


class KLDivergence(AttackLoss):
    r"""Divergence from the clean prediction, :math:`\mathrm{KL}(p(x) \,\|\, p(x_{adv}))` in nats (TRADES, 2019).

    It ignores the labels. At the clean image it is at its minimum, so an attack needs a random start or noise there.

    Example:
        >>> KLDivergence()(torch.tensor([[0.0, 0.0]]), torch.tensor([[0.5, 0.5]])).item()
        0.0
    """

    stationary = True

    def reference(self, network: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
        """Probabilities at the clean images, (B, classes)."""
        with torch.no_grad():
            return network(images).softmax(1)

    def __call__(self, logits: Tensor, reference: Tensor) -> Tensor:
        """See the base class."""
        return F.kl_div(logits.log_softmax(1), reference, reduction="none").sum(1)


LOSSES: dict[str, type[AttackLoss]] = {"cross_entropy": CrossEntropy, "margin": Margin, "kl": KLDivergence}


def create_loss(wanted: LossName | AttackLoss) -> AttackLoss:
    """The loss of a name; a loss is returned as it is.

    Raises:
        ValueError: no loss has that name.
    """
    if isinstance(wanted, AttackLoss):
        return wanted
    if wanted not in LOSSES:
        raise ValueError(f"Unknown loss {wanted!r}; use one of {', '.join(get_args(LossName))}.")
    return LOSSES[wanted]()
