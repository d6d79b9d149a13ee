"""A training step shared by several processes."""

import json
import os
import tempfile
from pathlib import Path

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

from benchmarks.cases import keeping_memory
from benchmarks.groups import Group
from benchmarks.problem import make_problem
from benchmarks.timing import Clock, alternate
from benchmarks.training import our_step


def shared_step_seconds(processes: int, group: Group, repeats: int, clock: Clock) -> list[float]:
    """Seconds of a training step whose batch and threads are split among processes, on the CPU.

    Args:
        processes: number of processes, >= 1.
        group: method, network, size, and the images of all processes together.
        repeats: number of measurements.
        clock: see :func:`benchmarks.timing.alternate`; CPU time is that of the slowest process.

    Returns:
        Seconds of each step, those of the slowest process.
    """
    threads = max(1, torch.get_num_threads() // processes)
    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.spawn(_train, (processes, threads, folder, group, repeats, clock), nprocs=processes)
        found = [json.loads((Path(folder) / f"{rank}.json").read_text()) for rank in range(processes)]
    return [max(step) for step in zip(*found, strict=True)]


def _train(rank: int, processes: int, threads: int, folder: str, group: Group, repeats: int, clock: Clock) -> None:
    """Measure in one process."""
    torch.set_num_threads(threads)
    # Only this machine takes part.
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    os.environ["LOCAL_RANK"] = str(rank)
    dist.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=processes)
    try:
        batch_size = group.batch_size // processes
        problem = make_problem(group.network, group.size, batch_size, torch.device("cpu"), seed=rank).channels_last()
        problem.network = DistributedDataParallel(problem.network)
        step = keeping_memory(our_step(problem, group.method, "exact"))
        seconds = alternate({"step": step}, repeats, clock)["step"].raw_times
        (Path(folder) / f"{rank}.json").write_text(json.dumps(seconds))
    finally:
        dist.destroy_process_group()
