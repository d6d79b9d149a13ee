"""One hash for the weights of a network, whatever file they are stored in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import torch
from torch import Tensor

from custom.networks.names import without_wrappers


def weights_sha256(state: Mapping[str, Tensor]) -> str:
    """Compute the SHA-256 of a state dict over the names, dtypes, shapes and bytes of its tensors.

    It depends neither on the order of the names, wrappers around the network, memory layout and device, nor on the
    file format, so that a run, its report, an exported bundle and a DICOM report name the same weights alike.

    Args:
        state: tensors by name, as ``network.state_dict()`` returns them.

    Returns:
        64 hexadecimal digits.

    Example::

        >>> from torch import nn
        >>> from custom.networks import weights_sha256
        >>> len(weights_sha256(nn.Linear(2, 3).state_dict()))
        64

    """
    digest = hashlib.sha256()
    for name, value in sorted(without_wrappers(state).items()):
        digest.update(f"{name}\0{value.dtype}\0{tuple(value.shape)}\0".encode())
        # Flattened in row-major order first: a channels-last tensor has the same values in another layout.
        digest.update(value.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
