"""The peak memory of a call."""

import ctypes
import gc
from collections.abc import Callable
from pathlib import Path

import torch
from torch.profiler import ProfilerActivity, profile

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
# Written to `clear_refs` it sets the process's peak back to its present size.
RESET_PEAK = "5"


def peak_memory(call: Callable[[], object], device: torch.device) -> tuple[int | None, object]:
    """Memory in use at the peak of a call beyond what was in use before it.

    Args:
        call: what to measure.
        device: CUDA: the allocator's memory; CPU: the resident size of the process, on Linux.

    Returns:
        Bytes, or None if the system does not provide them, and what the call returned.
    """
    gc.collect()
    if device.type == "cuda":
        before = torch.cuda.memory_allocated(device)
        torch.cuda.reset_peak_memory_stats(device)
        answer = call()
        return torch.cuda.max_memory_allocated(device) - before, answer
    try:
        # Memory that the C library keeps for later would be used without being counted.
        ctypes.CDLL("libc.so.6").malloc_trim(0)
        CLEAR.write_text(RESET_PEAK)
        before = _resident("VmRSS")
    except OSError:
        return None, call()
    answer = call()
    return max(0, _resident("VmHWM") - before), answer


def tensor_memory(call: Callable[[], object], device: torch.device) -> int:
    """Memory of the tensors at the peak of a call beyond those of before it.

    Unlike the resident size it does not depend on what the C library keeps, and leaves out what others than torch
    allocate: right for our own steps, not for a comparison with libraries.

    Args:
        call: what to measure.
        device: CUDA: its allocator's statistics; CPU: torch's allocations, one by one.

    Returns:
        Bytes.
    """
    if device.type == "cuda":
        found, _ = peak_memory(call, device)
        assert found is not None
        return found
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiled:
        call()
    assert profiled.profiler is not None
    assert profiled.profiler.kineto_results is not None
    events = [event for event in profiled.profiler.kineto_results.events() if event.name() == "[memory]"]
    present = peak = 0
    for event in sorted(events, key=lambda event: event.start_ns()):
        present += event.nbytes()
        peak = max(peak, present)
    return peak


def _resident(key: str) -> int:
    """A size from the process's status, in bytes."""
    for line in STATUS.read_text().splitlines():
        name, _, value = line.partition(":")
        if name == key:
            return int(value.split()[0]) * 1024
    raise OSError(f"{STATUS} has no {key}.")
