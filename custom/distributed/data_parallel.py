"""A network whose gradients are averaged over the processes."""

from __future__ import annotations

import ignite.distributed as idist
import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from custom.distributed.synchronized_batch_norm import SynchronizedBatchNorm


def data_parallel(network: nn.Module, freezing: bool = False) -> nn.Module:
    """Wrap a network in torch's ``DistributedDataParallel``, with BatchNorm over the whole mini-batch.

    Running statistics are then the same everywhere, so no buffer need be sent round, and a process may call the
    network, or the one inside, without the others. In a process that trains alone the network stays as it is.

    Args:
        network: on its device; its BatchNorm layers are replaced.
        freezing: whether parameters are frozen for a while, as :class:`custom.handlers.WarmUpHandler` does: gradients
            that do not come are then not waited for, for a look through the graph at each backward pass.

    Returns:
        The network, wrapped if there are several processes.

    Example::

        >>> import torch
        >>> from custom.distributed import data_parallel
        >>> data_parallel(torch.nn.Linear(4, 3))
        Linear(in_features=4, out_features=3, bias=True)

    """
    if idist.get_world_size() == 1:
        return network
    on_gpu = next(network.parameters()).is_cuda
    convert = nn.SyncBatchNorm.convert_sync_batchnorm if on_gpu else SynchronizedBatchNorm.convert
    return DistributedDataParallel(
        convert(network),
        device_ids=[torch.cuda.current_device()] if on_gpu else None,
        forward_sync_buffers=False,
        find_unused_parameters=freezing,
    )
