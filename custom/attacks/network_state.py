"""Freezing a network for an attack and restoring it exactly."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, get_args

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DataParallel, DistributedDataParallel

from custom.distributed import SynchronizedBatchNorm

BatchNormMode = Literal["evaluation", "training"]
SYNCHRONIZED = (nn.SyncBatchNorm, SynchronizedBatchNorm)


def check_batch_norm_mode(mode: str) -> None:
    """Raise unless ``mode`` is a mode known here.

    Raises:
        ValueError: ``mode`` is neither ``"evaluation"`` nor ``"training"``.
    """
    if mode not in get_args(BatchNormMode):
        raise ValueError(f"Unknown batch_norm mode {mode!r}; use one of {', '.join(get_args(BatchNormMode))}.")


def unwrap(network: Any) -> Any:
    """The network inside a (distributed) data-parallel wrapper.

    An attack needs no gradient of any parameter, so the wrapper's synchronization would only cost time
    and, if processes take different numbers of steps, wait forever.
    """
    return network.module if isinstance(network, (DistributedDataParallel, DataParallel)) else network


@contextmanager
def frozen(network: nn.Module, batch_norm: BatchNormMode = "evaluation") -> Iterator[nn.Module]:
    """Freeze ``network`` for gradients with respect to its input, and restore it afterwards, also after an error.

    Inside, no parameter requires a gradient (the gradient of the input is the same and cheaper) and every
    module is in the mode asked for. Afterwards each module has its own mode, each parameter its own
    ``requires_grad`` (``.grad`` is never touched), each buffer its value (BatchNorm in training mode
    moves its statistics) and torch's global random state is as found (dropout draws from it).

    Args:
        network: any module; a data-parallel wrapper is removed.
        batch_norm: the mode of BatchNorm, and of dropout, inside: ``"evaluation"`` or ``"training"``.

    Yields:
        The network, without wrapper.

    Raises:
        ValueError: BatchNorm would have to wait for other processes, which may take another number of steps.
    """
    network = unwrap(network)
    modes = [(module, module.training) for module in network.modules()]
    flags = [(parameter, parameter.requires_grad) for parameter in network.parameters()]
    # Only the training mode writes to buffers, so only it pays for copies.
    training = batch_norm == "training"
    buffers = [(buffer, buffer.clone()) for buffer in network.buffers()] if training else []
    if training and dist.is_initialized() and any(isinstance(module, SYNCHRONIZED) for module, _ in modes):
        raise ValueError("The batch_norm mode of an attack must be 'evaluation' if several processes train together.")
    devices = {parameter.device for parameter, _ in flags if parameter.device.type == "cuda"}
    try:
        with torch.random.fork_rng(devices=list(devices)):
            network.train(training)
            for parameter, _ in flags:
                parameter.requires_grad_(False)
            yield network
    finally:
        for module, mode in modes:
            module.training = mode
        for parameter, flag in flags:
            parameter.requires_grad_(flag)
        with torch.no_grad():
            for buffer, value in buffers:
                buffer.copy_(value)
