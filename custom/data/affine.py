"""Arrays that are volumes in space: by an affine that says where their voxels are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from custom.data.decoded_image import UnreadableImageError


def check_volume(
    values: NDArray[np.float32], affine: NDArray[np.float64]
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Check that an array is a volume in space; axes of length 1 after the third are removed.

    Args:
        values: the array.
        affine: from voxel indices to millimeters, shape (4, 4).

    Returns:
        Both.

    Raises:
        UnreadableImageError: it is none.

    """
    while values.ndim > 3 and values.shape[-1] == 1:
        values = values[..., 0]
    if values.ndim != 3:
        raise UnreadableImageError(f"it has {values.ndim} axes ({' x '.join(map(str, values.shape))}) and needs three")
    if values.size == 0 or not np.isfinite(values).all():
        raise UnreadableImageError("it is a volume with values that are not finite, or with none")
    if not np.isfinite(affine).all() or abs(np.linalg.det(affine[:3, :3])) < 1e-9:
        raise UnreadableImageError("its affine has no inverse: it does not say where its voxels are")
    return values, affine


def canonical_spacing(affine: NDArray[np.float64]) -> tuple[float, ...]:
    """The distances of voxels in mm from left to right, from posterior to anterior, and from inferior to superior.

    Args:
        affine: shape (4, 4).

    Example::

        >>> canonical_spacing(np.array([[0, 0, 3.0, 0], [-2.0, 0, 0, 0], [0, 1.0, 0, 0], [0, 0, 0, 1]]))
        (3.0, 2.0, 1.0)

    """
    import nibabel

    sizes = np.sqrt((affine[:3, :3] ** 2).sum(axis=0))
    axes = nibabel.orientations.io_orientation(affine)[:, 0].astype(int)
    return tuple(float(sizes[list(axes).index(axis)]) for axis in range(3))
