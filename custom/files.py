"""Files that are either whole or as they were before."""

from __future__ import annotations

import os
from pathlib import Path


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file beside its place, and move it there at once.

    Args:
        path: the file; its folder is made where missing.
        content: what it is to hold.

    Raises:
        OSError: when it cannot be written, in one sentence; what was there stays as it was.

    Example::

        >>> import tempfile
        >>> from pathlib import Path
        >>> from custom.files import write_atomically
        >>> write_atomically(Path(tempfile.mkdtemp()) / "note.txt", b"done")

    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise OSError(f"Cannot write {path}: {error.strerror}; the file that was there is unchanged.") from error
