"""Timing several ways to do the same thing, side by side."""

import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import torch

from custom.benchmark.case import Case

Clock = Literal["wall", "processor"]


@dataclass(frozen=True)
class Timing:
    """Repeated measurements of one case.

    Attributes:
        seconds: one measurement per repeat.
    """

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median, in seconds."""
        return statistics.median(self.seconds)

    @property
    def spread(self) -> float:
        """Largest minus smallest measurement, in seconds."""
        return max(self.seconds) - min(self.seconds)


def alternate(cases: Mapping[str, Case], repeats: int, clock: Clock = "wall", warm_up: int = 1) -> dict[str, Timing]:
    """Measure all cases in turn, again and again, so that a change of the machine's load meets all of them.

    A case's context is entered before its clock starts and left after the clock has stopped.

    Args:
        cases: what to call, by name.
        repeats: measurements of each case, >= 1.
        clock: ``"wall"``, or ``"processor"``: the time that this process spent computing, for a machine that
            others use too.
        warm_up: calls of each case before the first measurement.

    Returns:
        The timings, by name.

    Example:
        >>> sorted(alternate({"a": Case(lambda: sum(range(10))), "b": Case(lambda: None)}, repeats=3))
        ['a', 'b']
    """
    now = time.perf_counter if clock == "wall" else time.process_time
    for case in cases.values():
        for _ in range(warm_up):
            case()
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(repeats):
        for name, case in cases.items():
            with case.context():
                synchronize()
                start = now()
                case.call()
                synchronize()
                seconds[name].append(now() - start)
    return {name: Timing(tuple(values)) for name, values in seconds.items()}


def synchronize() -> None:
    """Wait for the GPU, where there is one."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
