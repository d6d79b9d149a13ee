"""The processes of one training: how they come together, and what one of them decides for all."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar, cast

import ignite.distributed as idist
import torch
import torch.distributed as dist

from custom.counts import counted

Result = TypeVar("Result")


def process_device() -> torch.device:
    """Choose this process's own GPU, or the CPU on a machine without one.

    Returns:
        The device.

    Raises:
        ValueError: when more processes were started on this machine than it has GPUs.

    Example::

        >>> from custom.distributed import process_device
        >>> process_device()  # doctest: +SKIP
        device(type='cuda', index=0)

    """
    if not torch.cuda.is_available():
        return torch.device("cpu")
    # Every process of the machine comes to the same conclusion, and none is left to wait for the others.
    processes, gpus = int(os.environ.get("LOCAL_WORLD_SIZE", "1")), torch.cuda.device_count()
    if processes > gpus:
        raise ValueError(
            f"{processes} processes were started on a machine of {counted(gpus, 'GPU')}; pass --nproc_per_node={gpus} "
            "or less."
        )
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))


def join(device: torch.device) -> None:
    """Come together with the other processes that ``torchrun`` started, with NCCL for GPUs and Gloo for CPUs.

    Nothing happens in a process that was started otherwise, or that has joined already: it trains alone, or continues.

    Args:
        device: where this process computes.

    Example::

        >>> import torch
        >>> from custom.distributed import join
        >>> join(torch.device("cpu"))

    """
    if "RANK" not in os.environ or dist.is_initialized():
        return
    device = torch.device(device)
    if device.type == "cuda":
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")


def leave() -> None:
    """Leave the other processes; a process that is alone has none to leave."""
    if dist.is_initialized():
        # By way of Ignite, which would otherwise ask for a group that is gone.
        idist.sync()
        idist.finalize()


def share_of_batch(batch_size: int) -> int:
    """Divide a mini-batch among the processes, so that a training is the same however many there are.

    Args:
        batch_size: images in the mini-batch of all processes together.

    Returns:
        Images in this process's part.

    Raises:
        ValueError: when there is not the same number for each.

    Example::

        >>> from custom.distributed import share_of_batch
        >>> share_of_batch(32)
        32

    """
    processes = idist.get_world_size()
    if batch_size % processes:
        raise ValueError(
            f"batch_size {batch_size} is that of all {processes} processes together, so it must be a multiple "
            f"of {processes}."
        )
    return batch_size // processes


def first_process_decides(function: Callable[..., Result], *args: Any) -> Result:
    """Call a function only in the first process, and give its result, or its error, to all.

    All processes must come here. It is for what looks different to whoever comes later, such as an empty folder.

    Args:
        function: what to call.
        *args: what to call it with.

    Returns:
        What it returned in the first process.

    Raises:
        Exception: what it raised there.

    Example::

        >>> from custom.distributed import first_process_decides
        >>> first_process_decides(max, 1, 2)
        2

    """
    if idist.get_world_size() == 1:
        return function(*args)
    outcome: list[Any] = [None, None]
    if idist.get_rank() == 0:
        try:
            outcome[0] = function(*args)
        except Exception as error:
            outcome[1] = error
    dist.broadcast_object_list(outcome, src=0)
    if outcome[1] is not None:
        raise outcome[1]
    return cast(Result, outcome[0])
