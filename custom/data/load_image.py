"""The transform that loads images."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import torch
from monai.config import KeysCollection
from monai.transforms import MapTransform

from custom.data.decoded_image import DecodedImage, UnreadableImageError
from custom.data.find_files import printable
from custom.data.read_image import read_image


class LoadMedicalImaged(MapTransform):
    """Load 2-D images of all kinds by one rule, see :func:`custom.data.read_image.decode_image`.

    It takes the place of MONAI's ``LoadImaged`` and ``EnsureChannelFirstd``, whose readers clip 16-bit images to
    white, drop alpha channels and ignore EXIF's orientation. Values stay as the file has them;
    ``ScaleIntensityRanged`` brings the data set's window to [0, 1].

    Args:
        keys: the images' keys; each holds the path of a file.
        bits: bits a sample that every image must have, see :class:`custom.data.intensity.IntensityWindow`: a window for
            16 bits would make 8-bit images black.

    Example::

        >>> from custom.data.load_image import LoadMedicalImaged
        >>> load = LoadMedicalImaged("image", bits=8)
        >>> load({"image": "data/synthetic/images/MEL_0000_0.jpg"})["image"].shape  # doctest: +SKIP
        torch.Size([3, 128, 128])

    """

    def __init__(self, keys: KeysCollection, bits: int = 8) -> None:
        super().__init__(keys)
        self.bits = bits

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Load one item's images.

        Returns:
            The item, with images of shape (3, H, W), float32, RGB; the channels of a monochrome image are equal.

        Raises:
            UnreadableImageError: a file is not such an image; the message names it.
        """
        result = dict(data)
        for key in self.key_iterator(result):
            try:
                image = read_image(result[key])
                require_bits(image, self.bits)
            except UnreadableImageError as error:
                raise UnreadableImageError(f"{printable(result[key])}: {error}") from error
            result[key] = torch.from_numpy(image.rgb.astype(np.float32)).movedim(-1, 0)
        return result


def require_bits(image: DecodedImage, bits: int) -> None:
    """Refuse an image to which the data set's intensity window does not apply.

    Args:
        image: the image.
        bits: the window's bits a sample.

    Raises:
        UnreadableImageError: the image has others.

    """
    if image.bits != bits:
        raise UnreadableImageError(f"it has {image.bits} bits a sample, and the intensity window is one of {bits} bits")
