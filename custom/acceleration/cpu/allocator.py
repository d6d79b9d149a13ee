"""Keeping freed memory in the process, for the next tensor of its size."""

import ctypes
import platform
from collections.abc import Iterator
from contextlib import contextmanager

# Parameters of glibc's `mallopt`, from <malloc.h>.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_MMAP_MAX = -1, -3, -4
MEBIBYTE = 2**20
# The values that glibc itself arrives at in a process that frees tensors of 32 MiB and more.
USUAL = {M_MMAP_THRESHOLD: 32 * MEBIBYTE, M_MMAP_MAX: 65536, M_TRIM_THRESHOLD: 64 * MEBIBYTE}
KEEP = {M_MMAP_MAX: 0, M_TRIM_THRESHOLD: -1}


def keep_freed_memory() -> bool:
    """Let the C library keep what is freed on the CPU, from now on and for the whole process.

    By default glibc asks the system for each large tensor and returns it when it is freed, so that every large
    tensor starts with a page fault for each of its pages: up to a quarter of the time of a forward and
    backward pass. Kept, the process holds its peak of memory until it ends. Results do not change.

    Returns:
        Whether the C library supports it (glibc does); with others nothing happens.
    """
    return _set(KEEP)


def release_freed_memory() -> bool:
    """Undo :func:`keep_freed_memory`: from now on, what is freed goes back to the system as it usually does.

    Returns:
        Whether the C library supports it (glibc does); with others nothing happens.
    """
    return _set(USUAL)


@contextmanager
def freed_memory_kept() -> Iterator[None]:
    """Keep freed memory inside, and as usual afterwards, also after an error."""
    keep_freed_memory()
    try:
        yield
    finally:
        release_freed_memory()


def _set(parameters: dict[int, int]) -> bool:
    """Pass parameters to `mallopt`, if the C library has it."""
    if platform.libc_ver()[0] != "glibc":
        return False
    library = ctypes.CDLL(None)
    answers = [library.mallopt(parameter, value) for parameter, value in parameters.items()]
    return all(answers)
