"""A forward pass whose activations are computed again for the backward pass instead of being kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase
from torch.utils.checkpoint import checkpoint


def recomputed(call: Callable[[Tensor], Tensor], network: object, images: Tensor) -> Tensor:
    """Call a network without keeping its activations, by torch's activation checkpointing.

    Logits and gradients are those of a plain call, and so is the state after the backward pass: dropout draws the same
    units again, and the running statistics of BatchNorm move once.

    Args:
        call: maps images to logits, by the network.
        network: the network, if it is a module, for its BatchNorm layers.
        images: shape (B, C, *spatial).

    Returns:
        Logits, shape (B, num_classes).

    Example::

        >>> import torch
        >>> from custom.inferers.recomputed import recomputed
        >>> network = torch.nn.Linear(4, 3)
        >>> recomputed(network, network, torch.rand(2, 4)).sum().backward()
        >>> network.bias.grad
        tensor([2., 2., 2.])

    """

    def contexts() -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
        return nullcontext(), _fixed_statistics(network)

    logits = checkpoint(call, images, use_reentrant=False, context_fn=contexts)
    assert isinstance(logits, Tensor)
    return logits


@contextmanager
def _fixed_statistics(network: object) -> Iterator[None]:
    """Within it, batches in training mode leave the running statistics of BatchNorm as they are."""
    modules = network.modules() if isinstance(network, nn.Module) else ()
    with ExitStack() as stack:
        for layer in modules:
            if isinstance(layer, _NormBase) and layer.num_batches_tracked is not None:
                stack.callback(setattr, layer, "momentum", layer.momentum)
                stack.callback(layer.num_batches_tracked.copy_, layer.num_batches_tracked.clone())
                # The new statistics count for nothing. Without any, the layer would keep other tensors for the backward
                # pass than it did in the first pass.
                layer.momentum = 0.0
        yield
