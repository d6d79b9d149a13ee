"""The Kullback-Leibler divergence between two predictions."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def kl_divergence(logits: Tensor, other_logits: Tensor) -> Tensor:
    r"""Divergence :math:`\mathrm{KL}(p \,\|\, q) = \sum_c p_c \log (p_c / q_c)` of every sample, in nats.

    Args:
        logits: logits of p, shape (B, C).
        other_logits: logits of q, shape (B, C).

    Returns:
        Divergences, shape (B,), in float32 at least; differentiable with respect to both.

    Raises:
        ValueError: if the shapes differ or are not (B, C).

    Example::

        >>> import torch
        >>> from custom.losses import kl_divergence
        >>> p, q = torch.tensor([[0.5, 0.5]]), torch.tensor([[0.8, 0.2]])
        >>> kl_divergence(p.log(), q.log())
        tensor([0.2231])

    """
    if logits.shape != other_logits.shape or logits.ndim != 2:
        shapes = f"{tuple(logits.shape)} and {tuple(other_logits.shape)}"
        raise ValueError(f"Both logits must share one shape (B, C), got {shapes}.")
    # Half precision is too coarse for logarithms.
    dtype = torch.promote_types(logits.dtype, torch.float32)
    log_p, log_q = logits.to(dtype).log_softmax(1), other_logits.to(dtype).log_softmax(1)
    return F.kl_div(log_q, log_p, reduction="none", log_target=True).sum(1)
