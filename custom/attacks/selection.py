"""Samples of a batch that still need the network."""

from torch import Tensor

# Batches of any number of samples would fill the caches of compiled convolutions, and compiling one takes longer than
# a few more samples.
MULTIPLE = 8


def padded_selection(wanted: Tensor) -> Tensor:
    """Indices of the wanted samples, then of others, so that few batch sizes occur.

    Args:
        wanted: booleans (B,).

    Returns:
        Indices (K,): the wanted ones in ascending order, then as many others as make K a multiple of eight or B.

    Example:
        >>> import torch
        >>> padded_selection(torch.tensor([False, True, False, True]))
        tensor([1, 3, 0, 2])
    """
    count = int(wanted.sum())
    return wanted.int().argsort(descending=True, stable=True)[: count + -count % MULTIPLE]
