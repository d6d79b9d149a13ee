"""The voxels that a network sees of a volume."""

from __future__ import annotations

from collections.abc import Sequence

from monai.data import MetaTensor
from monai.transforms import Compose, Orientation, ResizeWithPadOrCrop, Spacing


class VolumeGrid:
    """Bring volumes to one orientation, spacing and size, by MONAI's transforms.

    The axes become those of RAS+ (from left to right, from posterior to anterior, from inferior to superior), the
    voxels get the spacing, and the volume is cropped or padded around its center; padded voxels get the smallest value
    of the volume, its background. The affine follows, so that a voxel stays where it was in the patient.

    Args:
        spacing: distances of the voxels in mm.
        size: voxels along each axis.
        mode: ``"bilinear"`` (in three axes: trilinear), or ``"nearest"`` for masks.

    Raises:
        ValueError: the two are not three numbers greater than 0 each.

    Example::

        >>> import torch
        >>> volume = MetaTensor(torch.rand(1, 4, 6, 5), affine=torch.diag(torch.tensor([-2.0, 1.0, 1.0, 1.0])))
        >>> VolumeGrid((1, 1, 1), (8, 8, 8))(volume).shape
        torch.Size([1, 8, 8, 8])

    """

    def __init__(self, spacing: Sequence[float], size: Sequence[int], mode: str = "bilinear") -> None:
        for name, values in (("spacing", spacing), ("size", size)):
            if len(values) != 3 or not all(value > 0 for value in values):
                raise ValueError(f"A volume's {name} should be three numbers greater than 0, not {list(values)}.")
        self.size = tuple(size)
        self.resample = Compose([Orientation("RAS", labels=None), Spacing(tuple(spacing), mode=mode)])

    def __call__(self, volume: MetaTensor) -> MetaTensor:
        """Resample a volume.

        Args:
            volume: shape (1, X, Y, Z), with its affine.

        Returns:
            Shape (1, *size), with the affine of the new voxels.
        """
        resampled = self.resample(volume)
        background = float(resampled.min())
        fitted = ResizeWithPadOrCrop(self.size, mode="constant", value=background)(resampled)
        assert isinstance(fitted, MetaTensor)
        return fitted
