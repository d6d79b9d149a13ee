"""Maps as files."""

from __future__ import annotations

import re
from pathlib import Path

import nibabel
import numpy as np
from numpy.typing import NDArray
from PIL import Image


def safe_file_name(name: str) -> str:
    """Make a file name of an image's name, which may be a path.

    Args:
        name: any name.

    Returns:
        The name with everything but letters, digits, dots, dashes and underscores replaced by an underscore.

    Example::

        >>> safe_file_name("patient 1/scan.nii")
        'patient_1_scan.nii'

    """
    return re.sub(r"[^\w.-]", "_", name)


def write_map(
    folder: Path, name: str, saliency: NDArray[np.floating], affine: NDArray[np.floating] | None = None
) -> None:
    """Write a map: of an image as ``.npy`` and as 8-bit grey ``.png``, of a volume as ``.nii.gz``.

    Args:
        folder: where to write.
        name: file name without extension.
        saliency: values in [0, 1], shape (H, W) or (H, W, D).
        affine: from voxel indices to millimetres, shape (4, 4); ``None`` for the identity.

    """
    values = np.asarray(saliency, dtype=np.float32)
    if values.ndim == 3:
        placed = np.eye(4) if affine is None else np.asarray(affine, dtype=np.float64)
        nibabel.save(nibabel.Nifti1Image(values, placed), folder / f"{name}.nii.gz")
        return
    np.save(folder / f"{name}.npy", values)
    Image.fromarray(np.round(values * 255).astype(np.uint8)).save(folder / f"{name}.png")


def read_map(folder: Path, name: str) -> NDArray[np.float32]:
    """Read a map that :func:`write_map` wrote.

    Args:
        folder: where it is.
        name: file name without extension.

    Returns:
        The map, shape (H, W) or (H, W, D).

    """
    volume = folder / f"{name}.nii.gz"
    if volume.is_file():
        return np.asarray(nibabel.load(volume).get_fdata(), dtype=np.float32)  # type: ignore[attr-defined]
    return np.load(folder / f"{name}.npy")
