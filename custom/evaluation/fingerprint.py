"""What a result follows from, as something that can be compared."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from torch import nn

from custom.attacks import Attack
from custom.networks import weights_sha256

PLAIN = (type(None), bool, int, float, str)


def file_hash(path: Path) -> str:
    """SHA-256 of a file, as a hexadecimal string."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def network_hash(network: nn.Module) -> str:
    """SHA-256 of a network's parameters and buffers, see :func:`custom.networks.weights_sha256`."""
    return weights_sha256(network.state_dict())


def describe_attack(attack: Attack) -> dict[str, Any]:
    """An attack's exact parameters, in a form that JSON can hold.

    Args:
        attack: any attack; its public attributes that are numbers, texts or lists of them count.

    Example:
        >>> from custom.attacks import FGSM
        >>> describe_attack(FGSM(epsilon=0.1))["attack"], describe_attack(FGSM(epsilon=0.1))["epsilon"]
        ('FGSM', 0.1)
    """
    description: dict[str, Any] = {"attack": str(getattr(attack, "name", type(attack).__name__))}
    for name, value in sorted(vars(attack).items()):
        if name.startswith("_") or name == "warnings":
            continue
        if isinstance(value, torch.Generator):
            description["seed"] = value.initial_seed()
        elif isinstance(value, nn.Module):
            description[name] = network_hash(value)
        elif isinstance(value, Attack):
            description[name] = describe_attack(value)
        elif isinstance(value, (tuple, list)):
            description[name] = [_describe_item(item) for item in value]
        elif isinstance(value, PLAIN):
            description[name] = value
    return description


def _describe_item(item: Any) -> Any:
    """An entry of a list: an attack's parameters, a plain value, or the name of its class."""
    if isinstance(item, Attack):
        return describe_attack(item)
    return item if isinstance(item, PLAIN) else type(item).__name__


def fingerprint(**parts: Any) -> str:
    """SHA-256 of anything that JSON can hold: equal if and only if all parts are.

    Args:
        **parts: what a result follows from.
    """
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()
