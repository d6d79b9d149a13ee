"""Pre-trained weights, by torchvision's name or from a local state-dict file."""

from __future__ import annotations

import pickle
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torchvision import models

from custom.networks.head import classifier_head

# Files that torchvision distributes hold DenseNet's layers under the names of its first release: `norm.1`,
# now `norm1`.
_OLD_DENSENET_KEY = re.compile(r"(denselayer\d+\.(?:norm|conv))\.([12])\.")
# Auxiliary heads of InceptionV3 and GoogLeNet: part of their weights, not of our networks.
_AUXILIARY_HEADS = ("AuxLogits.", "aux1.", "aux2.")
_CHECKPOINT_KEYS = ("network", "model", "state_dict")


def read_weights(weights: str | Path, name: str) -> dict[str, Tensor]:
    """Read a state dict for a torchvision model.

    Args:
        weights: the path of a state-dict file, or the name of torchvision's weights for this model, such as
            ``IMAGENET1K_V1`` or ``DEFAULT``, which are downloaded to torch's cache.
        name: the torchvision model's name.

    Returns:
        Tensors by key, on the CPU.

    Raises:
        FileNotFoundError: if ``weights`` looks like a path and there is no such file.
        ValueError: if it is neither a path nor a known name, or the file holds no state dict.
        ConnectionError: if the download fails.

    """
    path = Path(weights)
    if path.is_file():
        return _read_file(path)
    known = models.get_model_weights(name).__members__
    if str(weights) in known:
        try:
            return dict(known[str(weights)].get_state_dict(progress=False, check_hash=True, map_location="cpu"))
        except (OSError, RuntimeError) as error:
            raise ConnectionError(
                f"The weights {weights} of {name} could not be downloaded ({error}): "
                "give the path of a local state-dict file instead."
            ) from error
    if path.suffix or len(path.parts) > 1:
        raise FileNotFoundError(f"There is no weights file {str(path)!r} (given for {name}).")
    raise ValueError(
        f"weights={str(weights)!r} is neither a file nor a name of torchvision's weights for {name}: "
        f"give a path, one of {', '.join(known)}, or null for random weights."
    )


def _read_file(path: Path) -> dict[str, Tensor]:
    """Read a state dict or a checkpoint that holds one; tensors only, so that the file cannot run code."""
    try:
        content: Any = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise ValueError(f"{path} cannot be read as a state-dict file of torch: is it damaged?") from error
    if isinstance(content, Mapping):
        nested = [content[key] for key in _CHECKPOINT_KEYS if isinstance(content.get(key), Mapping)]
        content = nested[0] if nested else content
        if content and all(isinstance(value, Tensor) for value in content.values()):
            return dict(content)
    raise ValueError(f"{path} holds no state dict, neither bare nor under 'network' or 'model'.")


def load_weights(network: nn.Module, state: Mapping[str, Tensor], source: str, name: str) -> None:
    """Load a state dict into a torchvision model, except for a head made for another number of classes.

    Args:
        network: the model; its head keeps its own weights where the head of ``state`` has another number of
            classes.
        state: tensors by key, as torchvision names them.
        source: where ``state`` comes from, for the error.
        name: the model's name, for the error.

    Raises:
        ValueError: if the state dict belongs to another network; names the first key that does not fit.

    """
    state = {
        _OLD_DENSENET_KEY.sub(r"\1\2.", key): value
        for key, value in state.items()
        if not key.startswith(_AUXILIARY_HEADS)
    }
    expected = network.state_dict()
    head = {key: value for key, value in expected.items() if key.startswith(classifier_head(network)[0] + ".")}
    if any(_other_classes(state.get(key), value) for key, value in head.items()):
        state |= head

    # Old files lack BatchNorm's counter of batches, which torch then sets itself.
    missing = [key for key in expected if key not in state and not key.endswith("num_batches_tracked")]
    unexpected = [key for key in state if key not in expected]
    misshaped = [key for key in expected if key in state and state[key].shape != expected[key].shape]
    if missing or unexpected or misshaped:
        if misshaped:
            key = misshaped[0]
            what = f"{key!r} has the shape {tuple(state[key].shape)} instead of {tuple(expected[key].shape)}"
        else:
            what = f"it lacks {missing[0]!r}" if missing else f"{unexpected[0]!r} is unknown to the network"
        raise ValueError(f"The weights {source} do not fit {name}: {what}.")
    network.load_state_dict(state)


def _other_classes(value: Tensor | None, expected: Tensor) -> bool:
    """Tell whether two head tensors differ in the number of classes alone, their first dimension."""
    return value is not None and value.shape[1:] == expected.shape[1:] and len(value) != len(expected)
