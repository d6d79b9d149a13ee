"""Timing several ways to do the same thing, side by side."""

import time
from collections.abc import Mapping
from typing import Literal

import torch
from torch.utils.benchmark import Measurement, TaskSpec, timer

from benchmarks.cases import Case

Clock = Literal["wall", "processor"]


def alternate(
    cases: Mapping[str, Case], repeats: int, clock: Clock = "wall", warm_up: int = 1
) -> dict[str, Measurement]:
    """Measure all cases in turn, again and again, so that a change of the machine's load affects all of them.

    ``torch.utils.benchmark.Timer`` measures one case after another, with two more calls before each measurement;
    its clock, which waits for the GPU, and its ``Measurement`` are used here. A case's context is entered before its
    clock starts and left after the clock has stopped.

    Args:
        cases: what to call, by name.
        repeats: measurements of each case, >= 1.
        clock: ``"wall"``, or ``"processor"``: the CPU time of this process, for a machine that others use too.
        warm_up: calls of each case before the first measurement.

    Returns:
        One measurement a case, with the seconds of each repeat in ``raw_times``.

    Example:
        >>> sorted(alternate({"a": Case(lambda: sum(range(10))), "b": Case(lambda: None)}, repeats=3))
        ['a', 'b']
    """
    now = timer if clock == "wall" else time.process_time
    for case in cases.values():
        for _ in range(warm_up):
            case()
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(repeats):
        for name, case in cases.items():
            with case.context():
                start = now()
                case.call()
                seconds[name].append(now() - start)
    return {
        name: Measurement(1, times, TaskSpec(stmt=name, setup="", num_threads=torch.get_num_threads()))
        for name, times in seconds.items()
    }
