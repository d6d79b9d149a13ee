"""The images that an inference is asked to classify."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from custom.data.find_files import find_files, printable
from custom.data.image_format import HEAD_BYTES, IMAGE_SUFFIXES, READABLE, VOLUME, identify


@dataclass(frozen=True)
class FoundImages:
    """What there is to classify.

    Args:
        items: for each image its path under ``image``, which the transforms replace by the image, and under ``file``,
            which stays, in characters that can be written anywhere; of what cannot be read also ``error``.
        skipped: files that are not images, and hidden ones: ``file`` and ``reason``.

    """

    items: list[dict[str, str]]
    skipped: list[dict[str, str]] = field(default_factory=list)


def find_images(source: str | os.PathLike[str] | Sequence[str], volumes: bool = False) -> FoundImages:
    """List image files in a fixed order.

    Args:
        source: a folder, in which images of all readable formats are looked for at any depth, by their content; one
            file; or a list of files, which are taken as they are.
        volumes: whether NIfTI files and folders of DICOM series are meant, not images.

    Returns:
        The images, sorted by path for a folder, and everything that was left out.

    Raises:
        FileNotFoundError: there is no such folder or file.
        ValueError: there is no image in the folder, or the list is empty.

    Example::

        >>> from custom.inference import find_images
        >>> find_images(["a.jpg", "b.png"]).items
        [{'image': 'a.jpg', 'file': 'a.jpg'}, {'image': 'b.png', 'file': 'b.png'}]

    """
    if not isinstance(source, str | os.PathLike):
        paths = [str(path) for path in source]
        if not paths:
            raise ValueError("The list of images is empty; name at least one file, or a folder.")
        return FoundImages([_item(path) for path in paths])
    if Path(source).is_file():
        return FoundImages([_item(str(source))])
    if volumes and Path(source).is_dir() and _is_series(Path(source)):
        return FoundImages([_item(str(source))])
    if not Path(source).is_dir():
        raise FileNotFoundError(f"No {source} found; pass a folder of images, a file or a list of files.")
    files, skipped = find_files(Path(source))
    items = []
    left_out = [{"file": printable(entry.path), "reason": entry.reason} for entry in skipped if not entry.refused]
    for entry in skipped:
        if entry.refused:
            items.append({**_item(str(entry.path)), "error": entry.reason})
    for path in _joined(files) if volumes else files:
        reason = _no_volume(path) if volumes else _why_not(path)
        if reason is None:
            items.append(_item(str(path)))
        else:
            left_out.append({"file": printable(path), "reason": reason})
    if not items:
        wanted = "NIfTI files or folders of DICOM series" if volumes else f"files like {READABLE}"
        raise ValueError(f"No {'volume' if volumes else 'image'} found in {source}: it needs {wanted}.")
    return FoundImages(
        sorted(items, key=lambda item: Path(item["image"])), sorted(left_out, key=lambda entry: entry["file"])
    )


def _joined(files: Sequence[Path]) -> list[Path]:
    """The files, with the folder of a DICOM series in the place of its slices."""
    series = {folder for folder in {path.parent for path in files} if _is_series(folder)}
    return list(dict.fromkeys(path.parent if path.parent in series else path for path in files))


def _is_series(folder: Path) -> bool:
    from custom.data.dicom_series import is_series  # here: whoever has only photographs needs no pydicom

    return is_series(folder)


def _no_volume(path: Path) -> str | None:
    """Why a path is not meant to be classified as a volume; ``None`` if it is, though it may turn out to be damaged."""
    if path.is_dir() or path.name.lower().endswith((".nii", ".nii.gz")):
        return None
    try:
        with path.open("rb") as file:
            return None if identify(file.read(HEAD_BYTES)) == VOLUME else "it is no volume"
    except OSError:
        return None


def _item(path: str) -> dict[str, str]:
    return {"image": path, "file": printable(path)}


def _why_not(path: Path) -> str | None:
    """Why a file is not meant to be classified; ``None`` if it is, though it may turn out to be damaged."""
    if path.name.lower().endswith(IMAGE_SUFFIXES):
        return None
    try:
        with path.open("rb") as file:
            kind = identify(file.read(HEAD_BYTES))
    except OSError:
        return None
    if kind is None or kind == VOLUME:
        return "it is not an image"
    return None
