"""Finding the feature map that Grad-CAM weights."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from custom.attacks.network_state import frozen
from custom.networks import classifier_head

Layout = Literal["channels_first", "channels_last", "tokens"]

MAX_SPECIAL_TOKENS = 8
"""Class, distillation and register tokens that may precede the patch tokens."""


@dataclass(frozen=True)
class TargetLayer:
    """A layer with a feature map, and how the map is arranged in the layer's output.

    Attributes:
        name: the layer's name, as in ``network.named_modules()``.
        shape: spatial shape of the map, such as (7, 7).
        layout: ``"channels_first"`` (B, K, *shape), ``"channels_last"`` (B, *shape, K), or ``"tokens"``: (B, T, K), of
            which the last tokens are the patches of the image, row by row.
    """

    name: str
    shape: tuple[int, ...]
    layout: Layout = "channels_first"

    def feature_map(self, output: Tensor) -> Tensor:
        """Arrange the layer's output, or its gradient, as a feature map.

        Args:
            output: in the layer's layout.

        Returns:
            Shape (B, K, *shape).

        Example::

            >>> import torch
            >>> TargetLayer("encoder.ln", (2, 3), "tokens").feature_map(torch.rand(1, 1 + 2 * 3, 16)).shape
            torch.Size([1, 16, 2, 3])

        """
        if self.layout == "tokens":
            return output[:, -math.prod(self.shape) :].transpose(1, 2).unflatten(2, self.shape)
        return output.movedim(-1, 1) if self.layout == "channels_last" else output


def find_target_layer(network: nn.Module, images: Tensor, name: str | None = None) -> TargetLayer:
    """Find the last feature map before the classification head, or the one of a given layer.

    It is found by running the network: the last module to finish before the head starts, whose output is a feature map
    with more than one element along each spatial axis. In convolutional networks this is the map which global pooling
    reduces to the head's features; pooling, dropout and identity layers do not count. In vision transformers it is the
    last layer on whose patch tokens the head depends: with a class token, the normalization before the last attention.

    Args:
        network: maps images (B, C, *spatial) to logits.
        images: example images of the size that is to be explained; the first is run.
        name: name of a layer, as in ``network.named_modules()``, to describe instead.

    Returns:
        The layer.

    Raises:
        ValueError: if the network has no such layer, or its output cannot be arranged as a feature map.

    Example::

        >>> import torch
        >>> from custom.explain import find_target_layer
        >>> from custom.networks import TorchvisionClassifier
        >>> find_target_layer(TorchvisionClassifier("resnet34", 3), torch.rand(1, 3, 64, 64))
        TargetLayer(name='network.layer4', shape=(2, 2), layout='channels_first')

    """
    # A copy, because the first layer may work in place.
    images = images[:1].detach().clone()
    with frozen(network) as inner:
        if name is not None and name not in dict(inner.named_modules()):
            last = [module for module, _ in inner.named_modules()][-1]
            raise ValueError(f"{type(inner).__name__} has no layer {name!r}; pass a name such as {last!r}.")
        found = _feature_maps(inner, images)
        if name is None:
            candidates = [layer for layer, pooled in found if not pooled and min(layer.shape) > 1]
        else:
            candidates = [layer for layer, _ in found if layer.name == name]
        if candidates and candidates[-1].layout == "tokens":
            candidates = _with_evidence(inner, images, candidates)
    if not candidates and name is not None:
        raise ValueError(f"The layer {name!r} has no feature map on which the classes depend; name another layer.")
    if not candidates:
        raise ValueError(
            f"{type(network).__name__} has no feature map larger than one pixel on images of "
            f"{'x'.join(map(str, images.shape[2:]))}; name the layer to explain, or use larger images."
        )
    return candidates[-1]


def _feature_maps(network: nn.Module, images: Tensor) -> list[tuple[TargetLayer, bool]]:
    """All layers with a feature map in the order in which they finish before the head; whether they are passed over."""
    found: list[tuple[TargetLayer, bool]] = []
    head_started = False

    def at_head(*_: Any) -> None:
        nonlocal head_started
        head_started = True

    def after(name: str) -> Callable[[nn.Module, Any, Any], None]:
        def hook(module: nn.Module, _: Any, output: Any) -> None:
            if head_started or not isinstance(output, Tensor):
                return
            # Tokens are the patches of the last map before them.
            grid = next((layer.shape for layer, _ in reversed(found) if layer.layout != "tokens"), ())
            shape, layout = _arrangement(module, output, images.dim(), grid)
            if shape:
                found.append((TargetLayer(name, shape, layout), _is_passed_over(module)))

        return hook

    with ExitStack() as hooks, torch.no_grad():
        for name, module in network.named_modules():
            hooks.callback(module.register_forward_hook(after(name)).remove)
        hooks.callback(classifier_head(network)[1].register_forward_pre_hook(at_head).remove)
        network(images)
    return found


def _arrangement(module: nn.Module, output: Tensor, rank: int, grid: tuple[int, ...]) -> tuple[tuple[int, ...], Layout]:
    """Spatial shape and layout of a module's output; an empty shape if it is not a feature map."""
    shape = tuple(output.shape)
    if len(shape) == rank:
        sizes = {layer.normalized_shape for layer in module.modules() if isinstance(layer, nn.LayerNorm)}
        if (shape[-1],) in sizes and (shape[1],) not in sizes:
            return shape[1:-1], "channels_last"
        return shape[2:], "channels_first"
    if len(shape) == 3 and grid and 0 <= shape[1] - math.prod(grid) <= MAX_SPECIAL_TOKENS:
        return grid, "tokens"
    return (), "channels_first"


def _with_evidence(network: nn.Module, images: Tensor, candidates: list[TargetLayer]) -> list[TargetLayer]:
    """Those layers of tokens on whose patches the features depend that the head gets."""
    outputs: dict[str, Tensor] = {}

    def keep(name: str) -> Callable[[nn.Module, Any, Tensor], None]:
        return lambda module, inputs, output: outputs.__setitem__(name, output)

    def keep_features(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        outputs["features"] = inputs[0]

    tokens = {layer.name: layer for layer in candidates if layer.layout == "tokens"}
    with ExitStack() as hooks, torch.enable_grad():
        for name in tokens:
            hooks.callback(network.get_submodule(name).register_forward_hook(keep(name)).remove)
        hooks.callback(classifier_head(network)[1].register_forward_pre_hook(keep_features).remove)
        network(images.requires_grad_() * 1)
        features = outputs.pop("features")
        # Random weights: normalization makes the sum of features a constant.
        weights = torch.randn(features.shape, generator=torch.Generator().manual_seed(0)).to(features)
        gradients = torch.autograd.grad((weights * features).sum(), list(outputs.values()), allow_unused=True)
    known = dict(zip(outputs, gradients, strict=True))
    return [
        layer
        for name, layer in tokens.items()
        if (gradient := known.get(name)) is not None and layer.feature_map(gradient).any()
    ]


def _is_passed_over(module: nn.Module) -> bool:
    return isinstance(module, nn.Identity) or any(word in type(module).__name__ for word in ("Pool", "Dropout"))
