"""Cropping images to their center square."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from monai.config import KeysCollection
from monai.transforms import CenterSpatialCrop, MapTransform


class CenterSquared(MapTransform):
    """Crop images to the largest square in their center, so that a following resize keeps their proportions.

    MONAI's ``CenterSpatialCrop`` needs a size that is known beforehand; here it is each image's shorter side.

    Args:
        keys: the images' keys; each of shape (C, H, W) or (C, H, W, D).
        crop: ``"square"``, or ``None`` to leave the images as they are.
        allow_missing_keys: whether items may lack a key.

    Raises:
        ValueError: ``crop`` is something else.

    Example::

        >>> import torch
        >>> from custom.data.center_square import CenterSquared
        >>> CenterSquared("image", "square")({"image": torch.zeros(3, 4, 6)})["image"].shape
        torch.Size([3, 4, 4])

    """

    def __init__(self, keys: KeysCollection, crop: str | None = "square", allow_missing_keys: bool = False) -> None:
        super().__init__(keys, allow_missing_keys)
        if crop not in (None, "square"):
            raise ValueError(f"crop is {crop!r}; it must be 'square', or null to keep the whole images.")
        self.crop = crop

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Crop one item's images."""
        result = dict(data)
        if self.crop is not None:
            for key in self.key_iterator(result):
                shape = result[key].shape[1:]
                result[key] = CenterSpatialCrop((min(shape),) * len(shape))(result[key])
        return result
