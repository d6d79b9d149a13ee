"""A training step shared by several processes."""

import json
import os
import tempfile
from pathlib import Path

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

from custom.benchmark.case import memory_kept
from custom.benchmark.problem import exact, laid_out_for_training, make_problem
from custom.benchmark.timing import Clock, alternate
from custom.benchmark.training_contenders import our_step


def shared_step_seconds(
    processes: int, method: str, network: str, size: int, batch_size: int, repeats: int, clock: Clock
) -> list[float]:
    """Seconds of a training step whose batch and threads are split among processes, on the CPU.

    Args:
        processes: number of processes, >= 1.
        method: name of the training method.
        network: name of the torchvision model.
        size: height and width of the images.
        batch_size: images of all processes together.
        repeats: number of measurements.
        clock: see :func:`custom.benchmark.timing.alternate`; the processor's time is that of the slowest.

    Returns:
        Seconds of each step, those of the slowest process.
    """
    threads = max(1, torch.get_num_threads() // processes)
    with tempfile.TemporaryDirectory() as folder:
        arguments = (
            processes,
            threads,
            folder,
            method,
            network,
            size,
            batch_size // processes,
            repeats,
            clock,
        )
        torch.multiprocessing.spawn(_train, arguments, nprocs=processes)
        found = [json.loads((Path(folder) / f"{rank}.json").read_text()) for rank in range(processes)]
    return [max(step) for step in zip(*found, strict=True)]


def _train(
    rank: int,
    processes: int,
    threads: int,
    folder: str,
    method: str,
    name: str,
    size: int,
    batch_size: int,
    repeats: int,
    clock: Clock,
) -> None:
    """Measure in one process."""
    torch.set_num_threads(threads)
    # Only this machine takes part.
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    os.environ["LOCAL_RANK"] = str(rank)
    dist.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=processes)
    try:
        problem = laid_out_for_training(make_problem(name, size, batch_size, torch.device("cpu"), seed=rank))
        problem.network = DistributedDataParallel(problem.network)
        step = our_step(problem, method, exact())
        timing = alternate({"step": memory_kept(step)}, repeats, clock)["step"]
        (Path(folder) / f"{rank}.json").write_text(json.dumps(timing.seconds))
    finally:
        dist.destroy_process_group()
