"""Trainings on several GPUs or machines: the processes, their network and their batch norm."""

from custom.distributed.data_parallel import data_parallel
from custom.distributed.processes import first_process_decides, join, leave, process_device, share_of_batch
from custom.distributed.synchronized_batch_norm import SynchronizedBatchNorm

__all__ = [
    "SynchronizedBatchNorm",
    "data_parallel",
    "first_process_decides",
    "join",
    "leave",
    "process_device",
    "share_of_batch",
]
