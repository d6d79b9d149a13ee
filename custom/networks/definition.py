"""A network as a config in plain values, from which it can be built again without running code."""

from __future__ import annotations

from collections.abc import Mapping
from pydoc import locate
from typing import TYPE_CHECKING, Any

from torch import nn

if TYPE_CHECKING:
    from monai.bundle import ConfigParser

SAFE_PACKAGES = ("custom.networks.", "monai.networks.nets.", "torchvision.models.")
"""Packages whose networks are built from a card; anything else could be code of whoever wrote the file."""
_NOT_PART = ("weights", "pretrained", "progress")


def network_definition(config: ConfigParser, key: str = "network_def") -> dict[str, Any]:
    """Read how a config defines its network, with references and expressions replaced by their values.

    Args:
        config: the config.
        key: of the network in it.

    Returns:
        ``{"_target_": dotted path, argument: value, ...}`` without the weights that a training started from.

    Raises:
        ValueError: if the config has no network there.

    Example::

        >>> from monai.bundle import ConfigParser
        >>> from custom.networks import network_definition
        >>> network = {"_target_": "torchvision.models.resnet18", "num_classes": "$len(@class_names)"}
        >>> network_definition(ConfigParser({"class_names": ["MEL", "NV"], "network_def": network}))
        {'_target_': 'torchvision.models.resnet18', 'num_classes': 2}

    """
    raw = config.get(key)
    if not isinstance(raw, Mapping) or not isinstance(raw.get("_target_"), str):
        raise ValueError(f"{key} of the config should be a network, {{'_target_': dotted path, ...}}, not {raw!r}.")
    definition: dict[str, Any] = {"_target_": raw["_target_"]}
    for name, value in raw.items():
        if not name.startswith("_") and name not in _NOT_PART:
            parsed = value if isinstance(value, Mapping) else config.get_parsed_content(f"{key}#{name}")
            # What is not a plain value, such as a class, stays as the config names it.
            definition[name] = parsed if _is_plain(parsed) else str(value)
    return definition


def build_network(definition: Mapping[str, Any]) -> nn.Module:
    """Build a network with random weights from the definition on a card, which may come from anybody.

    Args:
        definition: see :func:`network_definition`.

    Raises:
        ValueError: if it is none, or names something other than a network of this package, MONAI or torchvision.

    Example::

        >>> from custom.networks import build_network
        >>> build_network({"_target_": "os.system", "command": "true"})
        Traceback (most recent call last):
        ValueError: The card defines the network 'os.system', which is not from custom, MONAI or torchvision.

    """
    target = definition.get("_target_")
    found = locate(target) if isinstance(target, str) and target.startswith(SAFE_PACKAGES) else None
    # The name is followed through modules: only what these packages define themselves counts.
    own = f"{getattr(found, '__module__', '')}.".startswith(SAFE_PACKAGES)
    network_class = isinstance(found, type) and issubclass(found, nn.Module)
    factory = str(target).startswith("torchvision.models.") or target == "custom.networks.create_classifier"
    if not own or not callable(found) or not (network_class or factory):
        raise ValueError(f"The card defines the network {target!r}, which is not from custom, MONAI or torchvision.")
    arguments = {name: value for name, value in definition.items() if name != "_target_" and name not in _NOT_PART}
    if not _is_plain(arguments):
        raise ValueError(f"The card's network {target} has arguments that are not plain values.")
    try:
        network = found(**arguments)
    except (TypeError, ValueError, RuntimeError, KeyError, OSError) as error:
        raise ValueError(f"The card's network {target} cannot be built: {str(error).splitlines()[0]}") from error
    if not isinstance(network, nn.Module):
        raise ValueError(f"The card defines {target!r}, which is not a network.")
    return network


def _is_plain(value: Any) -> bool:
    """Whether a value holds only numbers and text, none of which a config parser would evaluate."""
    if isinstance(value, Mapping):
        return all(isinstance(key, str) and key != "_target_" and _is_plain(item) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    if isinstance(value, str):
        return not value.startswith(("$", "@", "%"))
    return isinstance(value, (type(None), bool, int, float))
