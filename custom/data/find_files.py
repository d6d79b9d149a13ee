"""Which files lie in a folder: one rule for preparation, inference and deployment."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path, PurePath

_SYSTEM_NAMES = ("__MACOSX", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Skipped:
    """A path that is not used.

    Args:
        path: the path.
        reason: why not, in words that follow its name.
        refused: whether it might be wanted, such as a link that leads nowhere; a hidden file is not.

    """

    path: Path
    reason: str
    refused: bool = False


def find_files(root: Path, follow_links: bool = True) -> tuple[list[Path], list[Skipped]]:
    """List all files of a folder at any depth, in a fixed order.

    Hidden files and folders (a name that begins with a dot, and what macOS and Windows leave behind) are left out.

    Args:
        root: the folder.
        follow_links: whether links to folders are followed; no folder is read twice.

    Returns:
        The files, and everything else with the reason; both sorted by path.

    Example::

        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> for name in ("b.png", ".hidden"):
        ...     (folder / name).touch()
        >>> files, skipped = find_files(folder)
        >>> [path.name for path in files], [(entry.path.name, entry.reason) for entry in skipped]
        (['b.png'], [('.hidden', 'it is hidden')])

    """
    files: list[Path] = []
    skipped: list[Skipped] = []
    seen = {os.path.realpath(root)}

    def unreadable(error: OSError) -> None:
        skipped.append(Skipped(Path(error.filename), f"the folder cannot be read ({error.strerror})", True))

    for folder, subfolders, names in os.walk(root, onerror=unreadable, followlinks=follow_links):
        kept = []
        for path in sorted(Path(folder) / name for name in subfolders):
            if is_hidden(path.name):
                skipped.append(Skipped(path, "it is a hidden folder"))
            elif path.is_symlink() and not follow_links:
                skipped.append(Skipped(path, "links to folders are not followed", True))
            elif os.path.realpath(path) in seen:
                skipped.append(Skipped(path, "it links to a folder that is already read"))
            else:
                seen.add(os.path.realpath(path))
                kept.append(path.name)
        subfolders[:] = kept
        for path in (Path(folder) / name for name in names):
            reason, refused = _why_not(path)
            if reason:
                skipped.append(Skipped(path, reason, refused))
            else:
                files.append(path)
    return sorted(files), sorted(skipped, key=lambda entry: entry.path)


def is_hidden(name: str) -> bool:
    """Tell whether a file or folder of this name is hidden, or made by an operating system for itself."""
    return name.startswith(".") or name in _SYSTEM_NAMES


def any_hidden(path: PurePath) -> bool:
    """Tell whether a part of a path is hidden."""
    return any(is_hidden(part) for part in path.parts)


def printable(path: str | os.PathLike[str]) -> str:
    r"""Write a path in characters that every file and terminal can hold.

    Names of files are bytes, and not all are valid UTF-8: others are given as ``\xe4``.

    Example::

        >>> printable(os.fsdecode(b"l\xe4sion.png"))
        'l\\xe4sion.png'

    """
    return os.fsencode(path).decode("utf-8", errors="backslashreplace")


def _why_not(path: Path) -> tuple[str, bool]:
    """Why an entry of a folder is not a file to be read, and whether it might be wanted."""
    if is_hidden(path.name):
        return "it is hidden", False
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return "it is a link that leads nowhere", True
    except OSError as error:
        return f"it cannot be read ({error.strerror})", True
    # Opening a pipe or a device could wait forever.
    return ("", False) if stat.S_ISREG(mode) else ("it is not a file", True)
