"""Which files there are to handle."""

from __future__ import annotations

import os
from pathlib import Path


def relative_name(path: Path, root: Path) -> str:
    """Name a file in messages and outputs: its path below ``root``, in characters that every file can hold."""
    return os.fsencode(path.relative_to(root)).decode(errors="backslashreplace")


def list_inputs(source: Path) -> tuple[list[Path], list[tuple[Path, str]]]:
    """Find all files of a folder at any depth, in a fixed order.

    Args:
        source: a folder, or one file.

    Returns:
        The files to handle, sorted by path; and what cannot be handled before it is opened, with the reason.

    Raises:
        FileNotFoundError: there is no ``source``, or it holds no file at all.

    Example::

        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> (folder / "a.png").touch()
        >>> [path.name for path in list_inputs(folder)[0]]
        ['a.png']

    """
    if source.is_file():
        return [source], []
    if not source.is_dir():
        raise FileNotFoundError(f"There is no folder {source}: give one with DICOM, JPEG or PNG files.")
    files: list[Path] = []
    refused: list[tuple[Path, str]] = []

    def unreadable(error: OSError) -> None:
        refused.append((Path(error.filename), f"the folder cannot be read ({error.strerror})"))

    for folder, subfolders, names in os.walk(source, onerror=unreadable):
        for path in (Path(folder) / name for name in subfolders):
            if path.is_symlink():
                refused.append((path, "links to folders are not followed"))
        for path in (Path(folder) / name for name in names):
            # Opening a pipe or a device could wait for ever.
            if path.is_file():
                files.append(path)
            else:
                refused.append((path, "it is no file"))
    if not files and not refused:
        raise FileNotFoundError(f"There is no file in {source}: it needs DICOM, JPEG or PNG files.")
    return sorted(files), sorted(refused)
