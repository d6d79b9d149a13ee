"""Finding the feature map that Grad-CAM weighs."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from custom.attacks.network_state import frozen
from custom.networks import classifier_head


def find_target_layer(network: nn.Module, images: Tensor) -> str:
    """Name the layer with the last feature map before the classification head.

    That is the map which global pooling reduces to the head's features: in the six networks of the paper the
    output of the last convolution with the normalisation, activation, residual sum or concatenation that
    follows it. It is found by running the network: the last module to finish before the head starts, whose
    output has the rank of the images and more than one element along each spatial axis. Pooling, dropout and
    identity layers do not count.

    Args:
        network: maps images (B, C, *spatial) to logits.
        images: example images of the size that is to be explained; the first is run.

    Returns:
        The layer's name, as in ``network.named_modules()``.

    Raises:
        ValueError: if there is no such layer, as in a transformer that works on tokens throughout.

    Example::

        >>> import torch
        >>> from custom.explain import find_target_layer
        >>> from custom.networks import TorchvisionClassifier
        >>> find_target_layer(TorchvisionClassifier("resnet34", 3), torch.rand(1, 3, 64, 64))
        'network.layer4'

    """
    found: list[str] = []
    with frozen(network) as inner, torch.no_grad():
        head = classifier_head(inner)[1]
        names = {module: name for name, module in inner.named_modules()}
        head_started = False

        def at_head(*_: Any) -> None:
            nonlocal head_started
            head_started = True

        def after(module: nn.Module, _: Any, output: Any) -> None:
            if not head_started and _is_feature_map(output, images) and not _is_passed_over(module):
                found.append(names[module])

        hooks = [module.register_forward_hook(after) for module in names]
        hooks.append(head.register_forward_pre_hook(at_head))
        try:
            inner(images[:1])
        finally:
            for hook in hooks:
                hook.remove()
    if not found:
        raise ValueError(
            f"{type(network).__name__} has no feature map larger than one pixel on images of "
            f"{'x'.join(map(str, images.shape[2:]))}: name the layer to explain, or give larger images."
        )
    return found[-1]


def _is_feature_map(output: Any, images: Tensor) -> bool:
    return isinstance(output, Tensor) and output.dim() == images.dim() and min(output.shape[2:]) > 1


def _is_passed_over(module: nn.Module) -> bool:
    return isinstance(module, nn.Identity) or any(word in type(module).__name__ for word in ("Pool", "Dropout"))
