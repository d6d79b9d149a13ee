"""The two norms in which a perturbation is measured."""

from typing import Literal, get_args

import torch
from torch import Tensor

Norm = Literal["l2", "linf"]


def check_norm(norm: str) -> None:
    """Raise unless ``norm`` is one of the norms known here.

    Raises:
        ValueError: ``norm`` is neither ``"l2"`` nor ``"linf"``.
    """
    if norm not in get_args(Norm):
        raise ValueError(f"Unknown norm {norm!r}; use one of {', '.join(get_args(Norm))}.")


def perturbation_norm(perturbation: Tensor, norm: Norm = "l2") -> Tensor:
    """Size of every sample's perturbation: ``d_i = ||x_adv_i - x_i||_p``.

    Args:
        perturbation: ``x_adv - x`` of shape (B, C, *spatial), of any spatial rank.
        norm: ``"l2"`` (p = 2) or ``"linf"`` (the largest absolute change of a value).

    Returns:
        One number per sample, shape (B,), in the units of the images.

    Raises:
        ValueError: ``norm`` is unknown.

    Example:
        >>> perturbation_norm(torch.tensor([[[3.0, 4.0]], [[0.0, -1.0]]]))
        tensor([5., 1.])
    """
    check_norm(norm)
    # Not flattened: that would copy images whose channels are last in memory.
    axes = tuple(range(1, perturbation.ndim))
    return torch.linalg.vector_norm(perturbation, ord=2 if norm == "l2" else float("inf"), dim=axes)


def per_sample(values: Tensor, images: Tensor) -> Tensor:
    """Give one number per sample, shape (B,), the rank of ``images``: (B, 1, ..., 1), ready to broadcast."""
    return values.reshape(-1, *[1] * (images.ndim - 1))
