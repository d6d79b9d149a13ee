"""The measurements of each comparison."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import torch

from benchmarks.attacks import ablation_cases, attack_cases
from benchmarks.cases import (
    BFLOAT16,
    EPOCH,
    EPOCH_WAITING,
    EXACT,
    FLOOR,
    ITERATION,
    PLAIN,
    WAITING,
    Case,
    keeping_memory,
)
from benchmarks.groups import Group
from benchmarks.loader import train_an_epoch
from benchmarks.memory import peak_memory, tensor_memory
from benchmarks.passes import RecordPasses, attack_floor
from benchmarks.problem import Problem, make_problem, training_adversary
from benchmarks.processes import shared_step_seconds
from benchmarks.timing import Clock, alternate
from benchmarks.training import METHODS, VARIANTS, our_step, plain_step, training_floor
from custom.acceleration import create_accelerations
from custom.acceleration.autocast import has_hardware

Row = dict[str, Any]


@dataclass(frozen=True)
class Benchmark:
    """How to measure.

    Attributes:
        repeats: measurements of each case.
        clock: see :func:`benchmarks.timing.alternate`.
        device: where to compute.
    """

    repeats: int
    clock: Clock
    device: torch.device

    def measure(self, group: Group) -> Iterator[Row]:
        """Measure all cases of a group.

        Args:
            group: what to compare; its part is the name of one of the methods below.

        Yields:
            One row a case: the group's fields, ``case``, ``seconds`` (a list, one each repeat), and if measured
            ``memory`` (bytes at the peak beyond what was in use before; of tensors alone for methods and scaling),
            ``loss`` (mean cross-entropy of the adversarial images in float32) and ``difference`` (largest absolute
            difference of a value to the adversarial images without accelerations).

        Raises:
            ValueError: network or method is unknown.
        """
        part: Callable[[Group], Iterator[Row]] = getattr(self, group.part)
        for row in part(group):
            yield {**group._asdict(), **row}

    def attack(self, group: Group) -> Iterator[Row]:
        """One seven-step attack by every implementation, its floor, the loss reached and the peak memory."""
        problem = self._problem(group)
        cases = attack_cases(problem)
        recorder = RecordPasses()
        training_adversary([*create_accelerations("exact"), recorder])(problem.network, problem.images, problem.labels)
        cases[FLOOR] = keeping_memory(attack_floor(recorder.passes, problem, "exact"))
        reference = training_adversary()
        expected = reference(problem.network, problem.images, problem.labels)
        for row in self._time(cases):
            row["memory"], found = peak_memory(cases[row["case"]], self.device)
            if isinstance(found, torch.Tensor):
                row["loss"] = reference.cross_entropy(problem.network, found, problem.labels).mean().item()
                row["difference"] = (found - expected).abs().max().item()
            yield row

    def accelerations(self, group: Group) -> Iterator[Row]:
        """Our seven-step attack with all accelerations, and with one left out."""
        yield from self._time(ablation_cases(self._problem(group)))

    def training(self, group: Group) -> Iterator[Row]:
        """One training step: ours, a plain loop if one is written for the method, and the floor of ours."""
        problem = self._problem(group)
        own = problem.channels_last()
        cases = {EXACT: keeping_memory(our_step(own, group.method, "exact"))}
        if has_hardware(torch.bfloat16, self.device):
            cases[BFLOAT16] = keeping_memory(our_step(own, group.method, "bfloat16", "bfloat16"))
        with suppress(ImportError, KeyError):
            cases[PLAIN] = Case(plain_step(problem, group.method))
        cases[FLOOR] = keeping_memory(training_floor(own, group.method))
        yield from self._time_with_memory(cases)

    def methods(self, group: Group) -> Iterator[Row]:
        """One training step of each method, and of ways to train with it that cost something else."""
        problem = self._problem(group).channels_last()
        cases = {name: keeping_memory(our_step(problem, name, "exact")) for name in (*METHODS, *VARIANTS)}
        yield from self._time_with_tensors(cases)

    def scaling(self, group: Group) -> Iterator[Row]:
        """A training step of ours."""
        step = keeping_memory(our_step(self._problem(group).channels_last(), group.method, "exact"))
        yield from self._time_with_tensors({EXACT: step})

    def processes(self, group: Group) -> Iterator[Row]:
        """The same batch by one process with all threads and by two that share batch and threads."""
        for count, name in ((1, "1 process"), (2, "2 processes")):
            yield {"case": name, "seconds": shared_step_seconds(count, group, self.repeats, self.clock)}

    def loader(self, group: Group) -> Iterator[Row]:
        """How long the iterations of a training's epoch wait for their batches, in wall-clock time."""
        times = train_an_epoch(group, self.device)
        # At the first batch the loader's workers start: it counts only for the epoch.
        yield {"case": WAITING, "seconds": times.waiting[1:]}
        yield {"case": ITERATION, "seconds": times.iteration[1:]}
        yield {"case": EPOCH_WAITING, "seconds": [sum(times.waiting)]}
        yield {"case": EPOCH, "seconds": [sum(times.iteration)]}

    def _time(self, cases: dict[str, Case]) -> Iterator[Row]:
        for name, measurement in alternate(cases, self.repeats, self.clock).items():
            yield {"case": name, "seconds": measurement.raw_times}

    def _time_with_memory(self, cases: dict[str, Case]) -> Iterator[Row]:
        for row in self._time(cases):
            yield {**row, "memory": peak_memory(cases[row["case"]], self.device)[0]}

    def _time_with_tensors(self, cases: dict[str, Case]) -> Iterator[Row]:
        for row in self._time(cases):
            yield {**row, "memory": tensor_memory(cases[row["case"]].call, self.device)}

    def _problem(self, group: Group) -> Problem:
        return make_problem(group.network, group.size, group.batch_size, self.device)
