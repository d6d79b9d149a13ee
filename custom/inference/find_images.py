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


def find_images(source: str | os.PathLike[str] | Sequence[str]) -> FoundImages:
    """List image files in a fixed order.

    Args:
        source: a folder, in which images of all readable formats are looked for at any depth, by their content; one
            file; or a list of files, which are taken as they are.

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
            raise ValueError("The list of images is empty: name at least one file, or a folder.")
        return FoundImages([_item(path) for path in paths])
    if Path(source).is_file():
        return FoundImages([_item(str(source))])
    if not Path(source).is_dir():
        raise FileNotFoundError(f"No {source} found: pass a folder of images, a file or a list of files.")
    files, skipped = find_files(Path(source))
    items = []
    left_out = [{"file": printable(entry.path), "reason": entry.reason} for entry in skipped if not entry.refused]
    for entry in skipped:
        if entry.refused:
            items.append({**_item(str(entry.path)), "error": entry.reason})
    for path in files:
        reason = _why_not(path)
        if reason is None:
            items.append(_item(str(path)))
        else:
            left_out.append({"file": printable(path), "reason": reason})
    if not items:
        raise ValueError(f"No image found in {source}: it needs files like {READABLE}.")
    return FoundImages(
        sorted(items, key=lambda item: Path(item["image"])), sorted(left_out, key=lambda entry: entry["file"])
    )


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
