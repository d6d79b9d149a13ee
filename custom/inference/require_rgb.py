"""Images that a network for RGB images can take, or a reason why not."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from monai.config import KeysCollection
from monai.transforms import MapTransform


class RequireRGBd(MapTransform):
    """Pass images on that are RGB with values in [0, 255]; raise for all others.

    Readers give what a file holds: greyscale DICOM, several frames or 16 bits a channel would go through the network
    as well, and its answer would mean nothing.

    Args:
        keys: the images' keys; each of shape (3, H, W).

    Raises:
        ValueError: when an image has another shape or larger values.

    Example::

        >>> import torch
        >>> from custom.inference import RequireRGBd
        >>> RequireRGBd("image")({"image": torch.zeros(3, 4, 4)})["image"].shape
        torch.Size([3, 4, 4])

    """

    def __init__(self, keys: KeysCollection) -> None:
        super().__init__(keys)

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Check one item; returned as it was."""
        for key in self.key_iterator(dict(data)):
            image = data[key]
            if image.ndim != 3 or len(image) != 3:
                shape = " x ".join(str(size) for size in (*image.shape[1:], *image.shape[:1]))
                raise ValueError(f"it is no single RGB image: its pixels are an array of {shape}")
            if image.min() < 0 or image.max() > 255:
                raise ValueError(f"its values go to {float(image.max()):g}: only 8 bits a channel can be read")
        return dict(data)
