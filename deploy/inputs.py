"""Which files there are to handle."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from custom.data.find_files import Skipped


def relative_name(path: Path, root: Path) -> str:
    """Name a file in messages and outputs: its path below ``root``, in characters that every file can hold."""
    return os.fsencode(path.relative_to(root)).decode(errors="backslashreplace")


def list_inputs(source: Path) -> tuple[list[Path], list[Skipped]]:
    """Find all files of a folder at any depth, in a fixed order, by the rule of preparation and inference.

    Links to folders are not followed: they could lead out of what was handed over.

    Args:
        source: a folder, or one file.

    Returns:
        The files to handle, sorted by path; and what is not handled, with the reason.

    Raises:
        FileNotFoundError: there is no ``source``, or it holds no file at all.

    Example::

        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> (folder / "a.png").touch()
        >>> [path.name for path in list_inputs(folder)[0]]
        ['a.png']

    """
    # Here, since the package comes with the bundle, which is found after this module was imported.
    from custom.data.find_files import find_files

    if source.is_file():
        return [source], []
    if not source.is_dir():
        raise FileNotFoundError(f"No folder {source} found; pass one with DICOM, JPEG or PNG files.")
    files, skipped = find_files(source, follow_links=False)
    if not files and not skipped:
        raise FileNotFoundError(f"No file found in {source}: it needs DICOM, JPEG or PNG files.")
    return files, skipped
