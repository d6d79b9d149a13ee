"""Locks that leave no file behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let one process at a time into a block; the others wait.

    The file is removed before the lock is released. A process that was waiting for it holds a file without a name
    then, which ``filelock`` notices, and opens a new one.

    Args:
        path: the lock file, whose folder exists.

    Example::

        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> with locked(folder / ".data.lock"):
        ...     _ = (folder / "data").write_text("written by one process at a time")
        >>> [file.name for file in folder.iterdir()]
        ['data']

    """
    from filelock import FileLock  # here: files can be written without packages

    with FileLock(path):
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
