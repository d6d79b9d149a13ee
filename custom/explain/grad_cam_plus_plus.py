"""Grad-CAM++ by its own equation."""

from __future__ import annotations

from typing import Any

import torch
from monai.visualize import GradCAMpp
from torch import Tensor
from torch.nn import functional as F


class GradCAMPlusPlus(GradCAMpp):
    """MONAI's Grad-CAM++ with the weights of the paper (Chattopadhyay et al., 2018, eq. 19), at any layer.

    With the activations A_k and g = dy_c / dA_k at each position, the weight of a feature map is

        w_k = sum over positions of alpha ReLU(g),  alpha = g^2 / (2 g^2 + S_k g^3) = 1 / (2 + S_k g),

    where S_k is the sum of A_k. MONAI's own class multiplies activations and gradients position by position
    before it sums them, which is the same only in front of global pooling; multiplies by exp(y_c), which
    overflows and mixes up the images of a batch; and adds 1e-7 to denominators as small as that.
    """

    def compute_map(  # type: ignore[override]  # as MONAI's own
        self,
        x: Tensor,
        class_idx: Tensor | int | None = None,
        retain_graph: bool = False,
        layer_idx: int = -1,
        **kwargs: Any,
    ) -> Tensor:
        """Compute the maps at the size of the layer.

        Args:
            x: images, shape (B, C, *spatial).
            class_idx: class to explain for each image, shape (B,), or one for all; ``None`` for the predicted
                ones.
            retain_graph: passed on to the network with hooks.
            layer_idx: which of the layers.
            kwargs: passed on to the network.

        Returns:
            Maps of at least 0, shape (B, 1, *smaller).

        """
        _, activations, gradients = self.nn_module(x, class_idx=class_idx, retain_graph=retain_graph, **kwargs)
        activation, gradient = activations[layer_idx], F.relu(gradients[layer_idx])
        positions = tuple(range(2, activation.dim()))
        denominator = 2 + activation.sum(positions, keepdim=True) * gradient
        # At least 2 after a ReLU; otherwise it may be 0.
        alpha = torch.where(denominator != 0, 1 / denominator, 0.0)
        weights = (alpha * gradient).sum(positions, keepdim=True)
        return F.relu((weights * activation).sum(1, keepdim=True))
