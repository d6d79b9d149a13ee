"""InceptionV3 and GoogLeNet without auxiliary heads, with plain logits as their only output."""

from __future__ import annotations

from torch import Tensor
from torchvision import models


class SingleOutputInception(models.Inception3):
    """torchvision's InceptionV3 that returns logits in training, in evaluation and as TorchScript.

    torchvision's own returns a tuple when scripted. Images need at least 75x75 pixels (trained at 299x299):
    below that its last feature map vanishes.

    Args:
        num_classes: number of logits.

    """

    def __init__(self, num_classes: int) -> None:
        super().__init__(num_classes=num_classes, aux_logits=False, transform_input=False, init_weights=True)

    def forward(self, x: Tensor) -> Tensor:
        """Map normalized images (B, 3, H, W) to logits (B, num_classes).

        Raises:
            ValueError: if the images are smaller than 75x75.

        """
        if x.shape[2] < 75 or x.shape[3] < 75:
            raise ValueError(f"inception_v3 needs images of at least 75x75, got {x.shape[2]}x{x.shape[3]}.")
        return self._forward(x)[0]


class SingleOutputGoogLeNet(models.GoogLeNet):
    """torchvision's GoogLeNet that returns logits in training, in evaluation and as TorchScript.

    Args:
        num_classes: number of logits.

    """

    def __init__(self, num_classes: int) -> None:
        super().__init__(num_classes=num_classes, aux_logits=False, transform_input=False, init_weights=True)

    def forward(self, x: Tensor) -> Tensor:
        """Map normalized images (B, 3, H, W) to logits (B, num_classes)."""
        return self._forward(x)[0]
