"""The synchronization loss: how far the predictions on clean and on adversarial images lie apart."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.modules.loss import _Loss


class SynchronizationLoss(_Loss):
    """Jensen-Shannon divergence between the predictions on clean and on adversarial images (equation 11).

    With ``p`` and ``q`` the two softmax outputs and ``m = (p + q) / 2``, in nats, averaged over the samples::

        JS(p, q) = 1/2 sum_c p_c log(p_c / m_c) + 1/2 sum_c q_c log(q_c / m_c),   in [0, log 2]

    Equation 11 as printed is ``log 2 - JS``: it is largest where the two agree, so that minimizing it drives them
    apart, against the paper's own words ("smaller difference meant lower loss"). The default is therefore JS itself;
    ``as_printed`` gives the printed form, so that its effect can be measured.

    Args:
        as_printed: whether to return ``log 2 - JS`` instead of ``JS``.

    Example::

        >>> import torch
        >>> from custom.losses import SynchronizationLoss
        >>> logits = torch.tensor([[2.0, 0.0, -1.0]])
        >>> SynchronizationLoss()(logits, logits)
        tensor(0.)

    """

    def __init__(self, as_printed: bool = False) -> None:
        super().__init__()
        self.as_printed = as_printed

    def forward(self, logits_clean: Tensor, logits_adv: Tensor) -> Tensor:
        """Compare two batches of logits.

        Args:
            logits_clean: logits on the clean images, shape (B, C).
            logits_adv: logits on the adversarial images, shape (B, C).

        Returns:
            The divergence, a scalar.

        Raises:
            ValueError: when the shapes differ or are not (B, C).

        """
        if logits_clean.shape != logits_adv.shape or logits_clean.ndim != 2:
            shapes = f"{tuple(logits_clean.shape)} and {tuple(logits_adv.shape)}"
            raise ValueError(f"Both logits must share one shape (B, C), got {shapes}.")
        # Logarithms throughout: a saturated softmax would give 0 * log(0). Half precision is too coarse for them.
        dtype = torch.promote_types(logits_clean.dtype, torch.float32)
        log_p, log_q = logits_clean.to(dtype).log_softmax(1), logits_adv.to(dtype).log_softmax(1)
        # log(p / m) as log 2 - log(1 + q / p), which is exactly 0 where the two agree.
        zero, difference = torch.zeros_like(log_p), log_q - log_p
        log_p_m = math.log(2.0) - torch.logaddexp(zero, difference)
        log_q_m = math.log(2.0) - torch.logaddexp(zero, -difference)
        divergence = 0.5 * (log_p.exp() * log_p_m + log_q.exp() * log_q_m).sum(1).mean()
        return math.log(2.0) - divergence if self.as_printed else divergence
