"""The images that an inference is asked to classify."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from pydicom.misc import is_dicom

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".dcm", ".dicom")


def find_images(source: str | os.PathLike[str] | Sequence[str]) -> list[dict[str, str]]:
    """List image files in a fixed order.

    Args:
        source: a folder, in which images (JPEG, PNG, BMP and DICOM, the latter also without a suffix) are looked for
            at any depth; one file; or a list of files, which are taken as they are.

    Returns:
        An item for each file, sorted by path for a folder: the path under both ``image``, which the transforms replace
        by the image, and ``file``, which stays.

    Raises:
        FileNotFoundError: there is no such folder or file.
        ValueError: there is no image in the folder, or the list is empty.

    Example::

        >>> from custom.inference import find_images
        >>> find_images(["a.jpg", "b.png"])
        [{'image': 'a.jpg', 'file': 'a.jpg'}, {'image': 'b.png', 'file': 'b.png'}]

    """
    if not isinstance(source, str | os.PathLike):
        paths = [str(path) for path in source]
        if not paths:
            raise ValueError("The list of images is empty: name at least one file, or a folder.")
    elif Path(source).is_dir():
        paths = [str(path) for path in sorted(Path(source).rglob("*")) if _is_image(path)]
        if not paths:
            raise ValueError(f"There is no image in {source}: it needs files like {', '.join(SUFFIXES)}.")
    elif Path(source).is_file():
        paths = [str(source)]
    else:
        raise FileNotFoundError(f"There is no {source}: give a folder of images, a file or a list of files.")
    return [{"image": path, "file": path} for path in paths]


def _is_image(path: Path) -> bool:
    if path.name.startswith(".") or not path.is_file():
        return False
    # DICOM files often have no suffix, or one that is part of an identifier: `1.2.840.10008`.
    return path.suffix.lower() in SUFFIXES or ((path.suffix[1:].isdigit() or not path.suffix) and is_dicom(path))
