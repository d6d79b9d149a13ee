"""Two paths that change places in one step, by the system calls of Linux and macOS."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from pathlib import Path

AT_FDCWD = -100
RENAME_EXCHANGE = 2  # Linux: renameat2(2)
RENAME_SWAP = 2  # macOS: renamex_np(2)
UNSUPPORTED = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EXDEV, errno.EPERM}


def exchange(first: Path, second: Path) -> bool:
    """Let two files or folders of one file system change places; both exist at every moment.

    Args:
        first: a file or folder.
        second: another one.

    Returns:
        Whether it was done: ``False`` if the system or the file system has no such call.

    Raises:
        OSError: if it is refused for another reason.
    """
    library = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(first), os.fsencode(second)
    if sys.platform == "linux" and hasattr(library, "renameat2"):
        failed = library.renameat2(AT_FDCWD, names[0], AT_FDCWD, names[1], ctypes.c_uint(RENAME_EXCHANGE))
    elif sys.platform == "darwin" and hasattr(library, "renamex_np"):
        failed = library.renamex_np(names[0], names[1], ctypes.c_uint(RENAME_SWAP))
    else:
        return False
    if failed:
        number = ctypes.get_errno()
        if number in UNSUPPORTED:
            return False
        raise OSError(number, os.strerror(number), str(second))
    return True
