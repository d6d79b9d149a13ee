"""Processes that work for another one, and end with it however it ends."""

from __future__ import annotations

import os
import signal
import threading
import time

_INTERVAL = 0.5


def follow_parent(parent: int) -> None:
    """Make this process a worker: it leaves Ctrl-C to its parent, and ends when the parent has ended.

    A worker that waits for its next task would otherwise outlive a parent that was killed.

    Args:
        parent: process id of the parent, which makes this the initializer of its pool.

    Example::

        >>> import os
        >>> from concurrent.futures import ProcessPoolExecutor
        >>> from custom.files.workers import follow_parent
        >>> with ProcessPoolExecutor(2, initializer=follow_parent, initargs=(os.getpid(),)) as pool:
        ...     print(list(pool.map(abs, [-1, 2])))
        [1, 2]

    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Those of the parent, after a fork, would raise an interruption here.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_INTERVAL)
    os._exit(1)
