"""The one way to save and to read the weights of a network."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from custom.counts import counted
from custom.files import write_atomically
from custom.files.read_json import read_json
from custom.networks.card import NetworkCard
from custom.networks.hashing import weights_sha256
from custom.networks.head import classifier_head
from custom.networks.names import without_wrappers
from custom.networks.safe_load import load_safely

Network = TypeVar("Network", bound=nn.Module)

KEYS = ("network", "model", "state_dict", "model_state_dict", "net")
"""Keys under which checkpoints hold a state dict: this project's first, then the usual ones of others."""
CARD_SUFFIX = ".card.json"
"""Ending of a card that lies beside a plain state dict: ``model.card.json`` beside ``model.pt``."""

# Files that torchvision distributes hold DenseNet's layers under the names of its first release: `norm.1`,
# now `norm1`.
_OLD_DENSENET_NAME = re.compile(r"(denselayer\d+\.(?:norm|conv))\.([12])\.")
# Auxiliary heads of InceptionV3 and GoogLeNet: part of their weights, not of networks with one output.
_AUXILIARY_HEADS = ("AuxLogits.", "aux1.", "aux2.")


@dataclass(frozen=True)
class Checkpoint:
    """Weights as they were read.

    Attributes:
        weights: tensors on the CPU, by their name in the network without the prefixes of wrappers.
        card: what they mean; ``None`` if the file does not say.
        source: the file.
    """

    weights: dict[str, Tensor]
    card: NetworkCard | None
    source: str


def save_checkpoint(path: str | Path, network: nn.Module, card: NetworkCard) -> None:
    """Write ``{"network": state dict, "card": plain types}``; what was there is unchanged if that fails.

    Args:
        path: the file.
        network: wrapped for several processes, compiled, or as it is; the names are those of the network inside.
        card: what the weights mean; their hash is filled in.

    Raises:
        OSError: if the file cannot be written.

    Example::

        >>> import tempfile
        >>> from pathlib import Path
        >>> from torch import nn
        >>> from custom.networks import NetworkCard, read_checkpoint, save_checkpoint
        >>> path = Path(tempfile.mkdtemp()) / "model.pt"
        >>> save_checkpoint(path, nn.Linear(4, 2), NetworkCard(class_names=("MEL", "NV"), image_size=(64, 64)))
        >>> read_checkpoint(path).card.class_names
        ('MEL', 'NV')

    """
    state = without_wrappers(network.state_dict())
    card = replace(card, weights_sha256=weights_sha256(state))
    buffer = io.BytesIO()
    torch.save({"network": state, "card": card.to_dict()}, buffer)
    write_atomically(Path(path), buffer.getvalue())


def read_checkpoint(path: str | Path) -> Checkpoint:
    """Read weights from a state dict or from a checkpoint that holds one, and verify them.

    Known are state dicts by themselves or under one of ``KEYS``, with the prefixes of wrappers, in any precision. No
    code of the file is run. The archive's checksums are verified, and the weights' SHA-256 against the card's.

    Args:
        path: the file.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it holds no state dict, or is damaged; in one sentence.
    """
    path = Path(path)
    content = load_safely(path)
    found = _state_dict(content)
    if found is None:
        kind = f"a {type(content).__name__}" if not isinstance(content, Mapping) else f"only {_keys(content)}"
        raise ValueError(f"{path} holds no state dict, neither by itself nor under {', '.join(KEYS)}: it has {kind}.")
    weights = without_wrappers(found)
    card = _card(path, content)
    if card is not None and card.weights_sha256 not in (None, weights_sha256(weights)):
        raise ValueError(f"{path} is damaged or was changed, as the SHA-256 of its weights is not the one on its card.")
    return Checkpoint(weights, card, str(path))


def _state_dict(content: Any) -> dict[str, Tensor] | None:
    """The state dict in what a file holds."""
    if not isinstance(content, Mapping):
        return None
    for key in KEYS:
        if isinstance(content.get(key), Mapping):
            content = content[key]
    named = all(isinstance(name, str) and isinstance(value, Tensor) for name, value in content.items())
    return dict(content) if content and named else None


def _keys(content: Mapping[Any, Any]) -> str:
    names = [str(key) for key in content]
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "") or "nothing"


def _card(path: Path, content: Mapping[str, Any]) -> NetworkCard | None:
    """The card in the file, or else beside it."""
    beside = path.with_suffix(CARD_SUFFIX)
    try:
        if "card" in content and not isinstance(content["card"], Tensor):
            return NetworkCard.from_dict(content["card"])
        if beside.is_file():
            return NetworkCard.from_dict(read_json(beside))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    return None


def load_weights(
    network: Network,
    weights: str | Path | Checkpoint | Mapping[str, Tensor],
    *,
    expected: Mapping[str, Any] | None = None,
    name: str | None = None,
    source: str | None = None,
    other_head: bool = False,
) -> Network:
    """Load all weights of a network; none may be missing, left over, of another shape or not finite.

    Args:
        network: gets the weights if they all fit, and stays as it is otherwise.
        weights: a file, what :func:`read_checkpoint` made of it, or a state dict.
        expected: how the network is to be used, by the names of :class:`NetworkCard`'s attributes, such as
            ``class_names``; compared with the file's card, if it has one.
        name: what to call the network in an error; by default its class.
        source: what to call a state dict in an error.
        other_head: whether a head that was made for another number of classes is left out, so that the network keeps
            its own; see :func:`custom.networks.classifier_head`.

    Returns:
        The network.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file cannot be read, its card says something else than ``expected``, or the weights do not
            fit; names the first one that does not.
    """
    if isinstance(weights, (str, Path)):
        weights = read_checkpoint(weights)
    if isinstance(weights, Checkpoint):
        if weights.card is not None:
            weights.card.check(weights.source, **(expected or {}))
        source, weights = source or weights.source, weights.weights
    names = network.state_dict().keys()
    own = without_wrappers(network.state_dict())
    given = {_OLD_DENSENET_NAME.sub(r"\1\2.", key): value for key, value in without_wrappers(weights).items()}
    given = {key: value for key, value in given.items() if key in own or not _is_auxiliary(key)}
    # Old files lack BatchNorm's counter of batches, which decides nothing.
    given |= {k: v for k, v in own.items() if k not in given and k.endswith("num_batches_tracked")}
    prefix = _head_prefix(network)
    head = {} if prefix is None else {k: own[k] for k, name in zip(own, names, strict=True) if name.startswith(prefix)}
    other = [key for key, value in head.items() if _other_classes(given.get(key), value)]
    if other and other_head:
        given |= head
    problem = _misfit(given, own, other)
    if problem:
        name = name or type(network).__name__
        raise ValueError(f"The weights {source or 'given'} do not fit {name}: {problem}.")
    network.load_state_dict(dict(zip(names, [given[key] for key in own], strict=True)))
    return network


def _head_prefix(network: nn.Module) -> str | None:
    """The prefix of the head's weights in ``network.state_dict()``; ``None`` if no layer could be the head."""
    try:
        name = classifier_head(network)[0]
    except ValueError:
        return None
    return f"{name}." if name else ""


def _is_auxiliary(key: str) -> bool:
    return key.removeprefix("network.").startswith(_AUXILIARY_HEADS)


def _other_classes(value: Tensor | None, expected: Tensor) -> bool:
    """Tell whether two head tensors differ only in the number of classes, their first dimension."""
    return value is not None and value.shape[1:] == expected.shape[1:] and len(value) != len(expected)


def _misfit(given: Mapping[str, Tensor], expected: Mapping[str, Tensor], other: list[str]) -> str | None:
    """Say what does not fit; ``None`` if everything does."""
    missing = [key for key in expected if key not in given]
    unexpected = [key for key in given if key not in expected]
    misshaped = [key for key in expected if key in given and given[key].shape != expected[key].shape]
    if missing == ["mean", "std", *missing[2:]] and all(f"network.{key}" in expected for key in given):
        return (
            "they are those of a bare network without normalization; pass them as --weights of a training, or to "
            "scripts/evaluate_model.py with --architecture"
        )
    if misshaped and misshaped[0] in other and not missing and not unexpected:
        key = misshaped[0]
        return f"they are for {counted(len(given[key]), 'class')}, the network is for {len(expected[key])}"
    if misshaped:
        key = misshaped[0]
        what = f"{key!r} has the shape {tuple(given[key].shape)} instead of {tuple(expected[key].shape)}"
    elif missing or unexpected:
        what = f"they lack {missing[0]!r}" if missing else f"{unexpected[0]!r} is unknown to the network"
    else:
        damaged = [key for key, value in given.items() if value.is_floating_point() and not value.isfinite().all()]
        return f"{damaged[0]!r} holds values that are not finite (NaN or infinity)" if damaged else None
    count = len(missing) + len(unexpected) + len(misshaped)
    return what if count == 1 else f"{what}, and {count} weights differ in all"
