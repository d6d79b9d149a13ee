"""The transform that loads lesion masks."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from monai.config import KeysCollection
from monai.transforms import MapTransform

from custom.data.decoded_image import UnreadableImageError
from custom.data.find_files import printable
from custom.data.load_image import volume_grid
from custom.data.read_image import read_image
from custom.data.volume import read_volume


class LoadMaskd(MapTransform):
    """Load masks by the rule of the images: their format, EXIF orientation, palette and bits count alike.

    A position is inside the lesion if a value there, of any channel, is greater than 0. Values are not rescaled before:
    a 16-bit mask of 0 and 1 is a mask.

    Args:
        keys: the masks' keys; each holds the path of a file.
        allow_missing_keys: whether items may lack a key.
        spacing: of the voxels, for masks of volumes, see :class:`custom.data.load_image.LoadMedicalImaged`.
        size: voxels along the three axes, likewise.

    Example::

        >>> import tempfile, numpy as np
        >>> from PIL import Image
        >>> path = tempfile.mkdtemp() + "/mask.png"
        >>> Image.fromarray(np.array([[0, 1]], dtype=np.uint16)).save(path)
        >>> LoadMaskd("mask")({"mask": path})["mask"]
        tensor([[[0., 1.]]])

    """

    def __init__(
        self,
        keys: KeysCollection,
        allow_missing_keys: bool = False,
        spacing: Sequence[float] | None = None,
        size: Sequence[int] | None = None,
    ) -> None:
        super().__init__(keys, allow_missing_keys)
        self.grid = volume_grid(spacing, size, mode="nearest")

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Load one item's masks.

        Returns:
            The item, with masks of shape (1, H, W) or (1, X, Y, Z), float32, 1 inside.

        Raises:
            UnreadableImageError: a file is not such an image; the message names it.
        """
        result = dict(data)
        for key in self.key_iterator(result):
            try:
                if self.grid is not None:
                    result[key] = (self.grid(read_volume(result[key])).as_tensor() > 0).float()
                    continue
                pixels = read_image(result[key]).pixels
            except UnreadableImageError as error:
                raise UnreadableImageError(f"{printable(result[key])}: {error}") from error
            inside = (pixels > 0).any(axis=-1) if pixels.ndim == 3 else pixels > 0
            result[key] = torch.from_numpy(inside.astype(np.float32))[None]
        return result
