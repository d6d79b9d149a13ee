"""The one rule by which volumes are read, for preparation, training, evaluation and inference."""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from custom.data.decoded_image import UnreadableImageError
from custom.data.image_format import HEAD_BYTES, VOLUME, identify

if TYPE_CHECKING:
    from monai.data import MetaTensor

MAX_VOLUME_BYTES = 2**31
"""Largest volume that is unpacked: a small archive can hold more than the memory does."""
_NIFTI_2 = (b"\x1c\x02\0\0", b"\0\0\x02\x1c")


def read_volume(path: str | os.PathLike[str]) -> MetaTensor:
    """Read a NIfTI file, or the folder of a DICOM series.

    Values are what the file says with its scaling applied (for CT, Hounsfield units); what they mean is up to the data
    set's intensity window.

    Args:
        path: the file or folder.

    Returns:
        Shape (1, X, Y, Z), float32, with its ``affine`` from voxel indices to millimeters in RAS+ space.

    Raises:
        UnreadableImageError: it is no volume of three axes, is damaged, or cannot be opened.

    Example::

        >>> from nibabel.testing import data_path
        >>> volume = read_volume(Path(data_path) / "anatomical.nii")
        >>> volume.shape, [round(float(edge), 3) for edge in volume.pixdim]
        (torch.Size([1, 33, 41, 25]), [2.0, 2.0, 2.0])

    """
    import torch  # here: the preparation scripts need not wait for torch
    from monai.data import MetaTensor

    path = Path(path)
    if path.is_dir():
        # Whoever has NIfTI files alone can do without pydicom.
        from custom.data.dicom_series import read_series

        values, affine = read_series(path)
    else:
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise UnreadableImageError("there is no such file") from None
        except OSError as error:
            raise UnreadableImageError(f"it cannot be read ({error.strerror})") from error
        values, affine = decode_nifti(content)
    return MetaTensor(torch.from_numpy(values[None]), affine=torch.from_numpy(affine))


def decode_nifti(content: bytes) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Decode a NIfTI volume, also one that is compressed by gzip.

    Args:
        content: the whole file.

    Returns:
        Values (X, Y, Z), and the affine (4, 4).

    Raises:
        UnreadableImageError: it is none, has other than three axes, an affine without an inverse or values that are
            not finite, or is damaged.

    """
    import nibabel  # here: whoever has no volumes need not wait for it

    if identify(content[:HEAD_BYTES]) != VOLUME:
        raise UnreadableImageError("it is no volume that can be read (NIfTI, or the folder of a DICOM series)")
    try:
        raw = _unzipped(content) if content[:2] == b"\x1f\x8b" else content
        kind: Any = nibabel.Nifti2Image if raw[:4] in _NIFTI_2 else nibabel.Nifti1Image
        image = kind.from_bytes(raw)
        values = np.asanyarray(image.dataobj, dtype=np.float32)
    except (OSError, ValueError, EOFError, zlib.error, nibabel.filebasedimages.ImageFileError) as error:
        raise UnreadableImageError(f"it is a damaged volume ({' '.join(str(error).split())[:100]})") from error
    return check_volume(values, np.asarray(image.affine, dtype=np.float64))


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


def write_volume(path: Path, values: NDArray[np.floating], affine: NDArray[np.floating] | None = None) -> None:
    """Write a volume as NIfTI.

    Args:
        path: ends in ``.nii`` or ``.nii.gz``.
        values: shape (X, Y, Z), or (X, Y, Z, C).
        affine: from voxel indices to millimeters, shape (4, 4); ``None`` for the identity.

    """
    import nibabel

    placed = np.eye(4) if affine is None else np.asarray(affine, dtype=np.float64)
    nibabel.save(nibabel.Nifti1Image(np.asarray(values, dtype=np.float32), placed), path)


def _unzipped(content: bytes) -> bytes:
    unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    raw = unpacking.decompress(content, MAX_VOLUME_BYTES)
    if unpacking.unconsumed_tail:
        raise ValueError(f"it unpacks to more than {MAX_VOLUME_BYTES / 2**30:.0f} GiB")
    if not unpacking.eof:
        raise EOFError("its compressed data end early")
    return raw
