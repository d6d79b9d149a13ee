"""The transform that loads images and volumes."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from monai.config import KeysCollection
from monai.transforms import MapTransform

from custom.data.decoded_image import DecodedImage, UnreadableImageError
from custom.data.find_files import printable
from custom.data.read_image import read_image
from custom.data.volume import read_volume
from custom.data.volume_grid import VolumeGrid


class LoadMedicalImaged(MapTransform):
    """Load images or volumes of all kinds by one rule.

    It takes the place of MONAI's ``LoadImaged`` and ``EnsureChannelFirstd``, whose readers clip 16-bit images to
    white, drop alpha channels, ignore EXIF's orientation, and do not notice that a DICOM series lacks a slice. For
    images see :func:`custom.data.read_image.decode_image`; for volumes :func:`custom.data.volume.read_volume` and
    :class:`custom.data.volume_grid.VolumeGrid`, which brings them to one orientation, spacing and size. Values stay as
    the file has them; ``ScaleIntensityRanged`` brings the data set's window to [0, 1].

    Args:
        keys: the images' keys; each holds the path of a file, or of the folder of a DICOM series.
        bits: bits per sample that every image must have, see :class:`custom.data.intensity.IntensityWindow`: a window
            for 16 bits would make 8-bit images black. Volumes have none.
        spacing: distances of the voxels in mm, from left to right, from posterior to anterior and from inferior to
            superior, for volumes; ``None`` for images.
        size: voxels along the three axes, for volumes.

    Example::

        >>> from custom.data.load_image import LoadMedicalImaged
        >>> load = LoadMedicalImaged("image", bits=8)
        >>> load({"image": "data/synthetic/images/MEL_0000_0.jpg"})["image"].shape  # doctest: +SKIP
        torch.Size([3, 128, 128])

    """

    def __init__(
        self,
        keys: KeysCollection,
        bits: int = 8,
        spacing: Sequence[float] | None = None,
        size: Sequence[int] | None = None,
    ) -> None:
        super().__init__(keys)
        self.bits = bits
        self.grid = volume_grid(spacing, size)

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        """Load one item's images.

        Returns:
            The item, with images of shape (3, H, W), float32, RGB; the channels of a monochrome image are equal.
            Volumes have the shape (1, X, Y, Z), and the item their ``affine``, shape (4, 4), from the indices of these
            voxels to millimeters.

        Raises:
            UnreadableImageError: a file is not such an image; the message names it.
        """
        result = dict(data)
        for key in self.key_iterator(result):
            try:
                if self.grid is None:
                    image = read_image(result[key])
                    require_bits(image, self.bits)
                    result[key] = torch.from_numpy(image.rgb.astype(np.float32)).movedim(-1, 0)
                else:
                    volume = self.grid(read_volume(result[key]))
                    result[key], result["affine"] = volume.as_tensor(), volume.affine.clone()
            except UnreadableImageError as error:
                raise UnreadableImageError(f"{printable(result[key])}: {error}") from error
        return result


def volume_grid(
    spacing: Sequence[float] | None, size: Sequence[int] | None, mode: str = "bilinear"
) -> VolumeGrid | None:
    """The grid of volumes; ``None`` for images, which have no spacing.

    Raises:
        ValueError: there is a spacing, but no size of three axes.
    """
    if spacing is None:
        return None
    if size is None:
        raise ValueError("Volumes with a spacing need a size: three numbers of voxels.")
    return VolumeGrid(spacing, size, mode)


def require_bits(image: DecodedImage, bits: int) -> None:
    """Refuse an image to which the data set's intensity window does not apply.

    Args:
        image: the image.
        bits: the window's bits per sample.

    Raises:
        UnreadableImageError: the image has others.

    """
    if image.bits != bits:
        raise UnreadableImageError(f"it has {image.bits} bits per sample, but the intensity window is for {bits} bits")
