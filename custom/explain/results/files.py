"""Images and maps as files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from custom.data.nifti import decode_nifti, write_volume

Array = NDArray[np.floating]


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
        write_volume(folder / f"{name}.nii.gz", values, affine)
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
    return decode_nifti(volume.read_bytes())[0] if volume.is_file() else np.load(folder / f"{name}.npy")


def write_image(folder: Path, name: str, image: Array, affine: Array | None = None) -> None:
    """Write an image as 8-bit ``.png``, a volume as ``.nii.gz``.

    Args:
        folder: the folder to write to.
        name: file name without extension.
        image: values in [0, 1], shape (C, H, W) or (C, H, W, D); of an image with other than three channels, and
            of a volume, the first is written.
        affine: from voxel indices to millimeters, shape (4, 4); ``None`` for the identity.

    """
    if image.ndim == 4:
        write_volume(folder / f"{name}.nii.gz", image[0], affine)
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
        return decode_nifti(volume.read_bytes())[0][None]
    with Image.open(folder / f"{name}.png") as image:
        pixels: NDArray[np.float32] = np.asarray(image, dtype=np.float32) / np.float32(255)
    return np.atleast_3d(pixels).transpose(2, 0, 1)
