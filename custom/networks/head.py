"""The classification head of any network: its last layer with weights."""

from __future__ import annotations

from torch import nn

_HEAD_TYPES = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)


def classifier_head(network: nn.Module) -> tuple[str, nn.Module]:
    """Find the layer that maps features to logits: the last linear or convolutional layer registered.

    This holds for torchvision's classification models (SqueezeNet ends in a convolution, all others in a
    linear layer) and for MONAI's classifiers.

    Args:
        network: any classifier, wrapped or not.

    Returns:
        The layer's dotted name inside ``network``, as in ``named_modules()``, and the layer.

    Raises:
        ValueError: if the network has neither a linear nor a convolutional layer.

    Example::

        >>> from torch import nn
        >>> from custom.networks import classifier_head
        >>> classifier_head(nn.Sequential(nn.Flatten(), nn.Linear(12, 3)))[0]
        '1'

    """
    layers = [(name, module) for name, module in network.named_modules() if isinstance(module, _HEAD_TYPES)]
    if not layers:
        raise ValueError(f"{type(network).__name__} has no linear or convolutional layer, so its head cannot be found.")
    return layers[-1]


def head_parameters(network: nn.Module) -> list[nn.Parameter]:
    """List the weights of the classification head, see :func:`classifier_head`.

    Args:
        network: any classifier.

    Returns:
        The head's weight and, if it has one, its bias.

    """
    return list(classifier_head(network)[1].parameters())
