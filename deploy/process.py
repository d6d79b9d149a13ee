"""What has to be set before holoscan is imported."""

from __future__ import annotations

import os
import resource

_STACK = 32 * 2**20


def prepare_process() -> None:
    """Give holoscan's threads the stack that it asks for, and let it be quiet; nothing that is set already changes.

    PyTorch is imported here, before holoscan, which looks for the CUDA libraries that PyTorch brings along.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    if soft != resource.RLIM_INFINITY and soft < _STACK:
        wanted = _STACK if hard == resource.RLIM_INFINITY else min(_STACK, hard)
        resource.setrlimit(resource.RLIMIT_STACK, (wanted, hard))
    os.environ.setdefault("HOLOSCAN_LOG_LEVEL", "ERROR")
    import torch  # noqa: F401
