"""The most memory that a call needs at any moment."""

import ctypes
import gc
from collections.abc import Callable
from pathlib import Path

import torch

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
# Written to `clear_refs` it sets the process's peak back to its present size.
RESET_PEAK = "5"


def peak_memory(call: Callable[[], object], device: torch.device) -> int | None:
    """Memory in use at the peak of a call beyond what was in use before it.

    Args:
        call: what to measure.
        device: CUDA: what the allocator hands out; CPU: the resident size of the process, on Linux.

    Returns:
        Bytes, or None where the system does not tell.
    """
    gc.collect()
    if device.type == "cuda":
        before = torch.cuda.memory_allocated(device)
        torch.cuda.reset_peak_memory_stats(device)
        call()
        return torch.cuda.max_memory_allocated(device) - before
    try:
        # Give back what the C library keeps for later, or it would be used without counting.
        ctypes.CDLL("libc.so.6").malloc_trim(0)
        CLEAR.write_text(RESET_PEAK)
        before = _resident("VmRSS")
        call()
        return max(0, _resident("VmHWM") - before)
    except OSError:
        return None


def _resident(key: str) -> int:
    """A size from the process's status, in bytes."""
    for line in STATUS.read_text().splitlines():
        name, _, value = line.partition(":")
        if name == key:
            return int(value.split()[0]) * 1024
    raise OSError(f"{STATUS} has no {key}.")
