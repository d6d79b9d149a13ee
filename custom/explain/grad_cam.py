"""Grad-CAM and Grad-CAM++ through MONAI, correct for whole batches."""

from __future__ import annotations

from typing import Any, Literal, get_args

import torch
from monai.visualize import GradCAM
from torch import Tensor, nn

from custom.explain.grad_cam_plus_plus import GradCAMPlusPlus
from custom.explain.hooked_network import HookedNetwork
from custom.explain.target_layer import TargetLayer, find_target_layer

Method = Literal["grad_cam", "grad_cam_pp"]


def grad_cam(
    network: nn.Module,
    images: Tensor,
    classes: Tensor | int | None = None,
    target_layer: str | TargetLayer | None = None,
    method: Method = "grad_cam",
) -> Tensor:
    """Map the places of each image that are evidence for a class.

    With the activations A_k of the target layer and the logit y_c of the class explained, Grad-CAM is

        ReLU(sum_k w_k A_k),  w_k = mean over positions of dy_c / dA_k,

    enlarged linearly to the size of the image and scaled to [0, 1]. For Grad-CAM++ see
    :class:`custom.explain.grad_cam_plus_plus.GradCAMPlusPlus`. The network is left exactly as it was.

    Args:
        network: maps images to logits (B, num_classes); any mode, frozen or not.
        images: shape (B, C, *spatial), two or three spatial axes.
        classes: class to explain for each image, shape (B,), or one for all; ``None`` for the predicted ones.
        target_layer: the layer whose feature map is weighted, or its name; ``None`` for the last one, see
            :func:`find_target_layer`.
        method: ``"grad_cam"`` or ``"grad_cam_pp"``.

    Returns:
        Maps, shape (B, 1, *spatial), in [0, 1]: 1 is the most important place of an image, 0 the least. If no
        position has evidence for the class, the map vanishes: it is 0 throughout.

    Raises:
        ValueError: if the method or the layer is unknown, or the layer has no feature map.

    Example::

        >>> import torch
        >>> from custom.explain import grad_cam
        >>> from custom.networks import TorchvisionClassifier
        >>> grad_cam(TorchvisionClassifier("squeezenet1_0", 3), torch.rand(2, 3, 64, 64)).shape
        torch.Size([2, 1, 64, 64])

    """
    if method not in get_args(Method):
        raise ValueError(f"Unknown method {method!r}; use one of {', '.join(get_args(Method))}.")
    images = torch.as_tensor(images).as_subclass(Tensor).detach()
    layer = target_layer if isinstance(target_layer, TargetLayer) else find_target_layer(network, images, target_layer)
    hooked: Any = HookedNetwork(network, layer)  # MONAI accepts it, although its types ask for a module
    cam = (GradCAM if method == "grad_cam" else GradCAMPlusPlus)(hooked, layer.name, postprocessing=_scale_to_unit)
    return cam(images, class_idx=classes)


def _scale_to_unit(maps: Tensor) -> Tensor:
    """Scale each map linearly from its range to [0, 1]. MONAI's default inverts it as well."""
    low, high = (extreme(maps.flatten(1), dim=1) for extreme in (torch.amin, torch.amax))
    low, high = (value.view(-1, *[1] * (maps.dim() - 1)) for value in (low, high))
    return (maps - low) / torch.where(high > low, high - low, 1.0)
