"""NIfTI volumes, read and written."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custom.data.affine import check_volume
from custom.data.decoded_image import UnreadableImageError
from custom.data.image_format import HEAD_BYTES, VOLUME, identify

MAX_VOLUME_BYTES = 2**31
"""Largest volume that is unpacked: a small archive can hold more than the memory does."""
_NIFTI_2 = (b"\x1c\x02\0\0", b"\0\0\x02\x1c")


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
        raise UnreadableImageError("it is not a volume that can be read (NIfTI, or the folder of a DICOM series)")
    try:
        raw = _unzipped(content) if content[:2] == b"\x1f\x8b" else content
        kind: Any = nibabel.Nifti2Image if raw[:4] in _NIFTI_2 else nibabel.Nifti1Image
        image = kind.from_bytes(raw)
        values = np.asanyarray(image.dataobj, dtype=np.float32)
    except (OSError, ValueError, EOFError, zlib.error, nibabel.filebasedimages.ImageFileError) as error:
        raise UnreadableImageError(f"it is a damaged volume ({' '.join(str(error).split())[:100]})") from error
    return check_volume(values, np.asarray(image.affine, dtype=np.float64))


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
