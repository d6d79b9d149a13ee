"""The same dropout for every copy of an image in a joint pass."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import torch
from torch import Tensor, nn

LAYERS = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d)


@contextmanager
def shared_dropout(network: nn.Module, copies: int) -> Iterator[None]:
    """Drop the same units for all copies of an image: the batch is ``copies`` groups in the same order.

    With masks of their own, the predictions on an image and on its adversarial example differ by the dropout alone,
    which a loss on their difference would take for a difference of the images.

    Args:
        network: its dropout layers draw one mask per image while the context is open.
        copies: number of groups of which a batch consists, at least 1.

    Example::

        >>> import torch
        >>> from custom.inferers.shared_dropout import shared_dropout
        >>> network = torch.nn.Dropout(0.5)
        >>> with shared_dropout(network, 2):
        ...     first, second = network(torch.ones(2, 8)).chunk(2)
        >>> torch.equal(first, second)
        True

    """
    layers = [layer for layer in network.modules() if isinstance(layer, LAYERS)]
    for layer in layers:
        layer.forward = partial(_drop, layer, copies)  # type: ignore[method-assign]
    try:
        yield
    finally:
        for layer in layers:
            # The method of its class again.
            del layer.forward


def _drop(layer: nn.Module, copies: int, images: Tensor) -> Tensor:
    """What the layer does, with the mask of the first group for all."""
    if not layer.training or len(images) % copies:
        return type(layer).forward(layer, images)
    mask = type(layer).forward(layer, torch.ones_like(images[: len(images) // copies]))
    return images * mask.repeat(copies, *[1] * (images.ndim - 1))
