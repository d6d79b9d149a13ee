"""Images and maps as files."""

from __future__ import annotations

import re
from pathlib import Path

import nibabel
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[np.floating]


def safe_file_name(name: str) -> str:
    """Make a file name of an image's name, which may be a path.

    Args:
        name: any name.

    Returns:
        The name with all characters except letters, digits, dots, dashes and underscores replaced by an underscore,
        and at most 100 characters.

    Example::

        >>> safe_file_name("patient 1/scan.nii")
        'patient_1_scan.nii'

    """
    return re.sub(r"[^\w.-]", "_", name).lstrip(".")[:100] or "_"


def write_map(folder: Path, name: str, saliency: Array, affine: Array | None = None) -> None:
    """Write a map: of an image as ``.npy`` and as 8-bit gray ``.png``, of a volume as ``.nii.gz``.

    Args:
        folder: the folder to write to.
        name: file name without extension.
        saliency: values in [0, 1], shape (H, W) or (H, W, D).
        affine: from voxel indices to millimeters, shape (4, 4); ``None`` for the identity.

    """
    values = np.asarray(saliency, dtype=np.float32)
    if values.ndim == 3:
        _write_volume(folder / f"{name}.nii.gz", values, affine)
        return
    np.save(folder / f"{name}.npy", values)
    Image.fromarray(np.round(values * 255).astype(np.uint8)).save(folder / f"{name}.png")


def read_map(folder: Path, name: str) -> NDArray[np.float32]:
    """Read a map that :func:`write_map` wrote.

    Args:
        folder: the folder to read from.
        name: file name without extension.

    Returns:
        The map, shape (H, W) or (H, W, D).

    """
    volume = folder / f"{name}.nii.gz"
    return _read_volume(volume) if volume.is_file() else np.load(folder / f"{name}.npy")


def write_image(folder: Path, name: str, image: Array, affine: Array | None = None) -> None:
    """Write an image as 8-bit ``.png``, a volume as ``.nii.gz`` with its channels last.

    Args:
        folder: the folder to write to.
        name: file name without extension.
        image: values in [0, 1], shape (C, H, W) or (C, H, W, D); of an image with other than three channels the first
            is written.
        affine: from voxel indices to millimeters, shape (4, 4); ``None`` for the identity.

    """
    if image.ndim == 4:
        _write_volume(folder / f"{name}.nii.gz", np.moveaxis(np.asarray(image, dtype=np.float32), 0, -1), affine)
        return
    pixels = np.round(np.clip(image, 0, 1) * 255).astype(np.uint8)
    Image.fromarray(pixels.transpose(1, 2, 0) if len(pixels) == 3 else pixels[0]).save(folder / f"{name}.png")


def read_image(folder: Path, name: str) -> NDArray[np.float32]:
    """Read an image that :func:`write_image` wrote.

    Args:
        folder: the folder to read from.
        name: file name without extension.

    Returns:
        Shape (C, H, W) or (C, H, W, D), in [0, 1].

    """
    volume = folder / f"{name}.nii.gz"
    if volume.is_file():
        return np.moveaxis(_read_volume(volume), -1, 0)
    with Image.open(folder / f"{name}.png") as image:
        pixels: NDArray[np.float32] = np.asarray(image, dtype=np.float32) / np.float32(255)
    return np.atleast_3d(pixels).transpose(2, 0, 1)


def _write_volume(path: Path, values: NDArray[np.float32], affine: Array | None) -> None:
    placed = np.eye(4) if affine is None else np.asarray(affine, dtype=np.float64)
    nibabel.save(nibabel.Nifti1Image(values, placed), path)


def _read_volume(path: Path) -> NDArray[np.float32]:
    return np.asarray(nibabel.load(path).get_fdata(), dtype=np.float32)  # type: ignore[attr-defined]
