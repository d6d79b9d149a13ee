"""Trained weights for a network of the same architecture, or a reason why not."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import TypeVar

import torch
from torch import nn

Network = TypeVar("Network", bound=nn.Module)


def load_checkpoint(network: Network, path: str | Path) -> Network:
    """Load all weights of a network from a file; none may be missing, left over or of another shape.

    Args:
        network: gets the weights, if they all fit.
        path: a file of ``torch.save`` with a state dict, alone or under ``network``, ``model`` or
            ``state_dict``.

    Returns:
        The network.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file holds no state dict, or one of another architecture or number of classes.
    """
    file = Path(path)
    if not file.is_file():
        raise FileNotFoundError(f"There is no checkpoint {file}: give the path of a trained network's weights.")
    try:
        content = torch.load(file, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise ValueError(f"{file} is not a checkpoint of tensors alone: it cannot be loaded safely.") from error
    for key in ("network", "model", "state_dict"):
        if isinstance(content, dict) and isinstance(content.get(key), dict):
            content = content[key]
    if not isinstance(content, dict) or not all(isinstance(value, torch.Tensor) for value in content.values()):
        raise ValueError(f"{file} holds no state dict of a network.")
    expected = network.state_dict()
    differing = [key for key in {**expected, **content} if key not in content or key not in expected] or [
        key for key, value in expected.items() if value.shape != content[key].shape
    ]
    if differing:
        key = differing[0]
        found = tuple(content[key].shape) if key in content else "missing"
        wanted = tuple(expected[key].shape) if key in expected else "missing"
        raise ValueError(
            f"{file} is of another architecture or number of classes: {key} is {found} there and {wanted} in "
            f"the network to be evaluated, and {len(differing)} weights differ so in all."
        )
    network.load_state_dict(content)
    return network
