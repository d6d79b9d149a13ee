"""The comparisons that make up the benchmark."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import torch

from custom.acceleration.autocast import has_hardware
from custom.benchmark.attack_contenders import attack_contenders, attacks_without_one
from custom.benchmark.case import (
    EPOCH,
    EPOCH_WAITING,
    EXACT,
    FLOOR,
    ITERATION,
    PLAIN,
    REDUCED,
    WAITING,
    Case,
    memory_kept,
)
from custom.benchmark.group import Group
from custom.benchmark.memory import peak_memory
from custom.benchmark.passes import RecordPasses, attack_floor, training_pass
from custom.benchmark.problem import Problem, exact, laid_out_for_training, make_problem, reduced, training_adversary
from custom.benchmark.processes import shared_step_seconds
from custom.benchmark.row import Row
from custom.benchmark.timing import Clock, Timing, alternate
from custom.benchmark.training_contenders import our_step, plain_step, trained_by
from custom.benchmark.waiting import train_an_epoch


@dataclass(frozen=True)
class Benchmark:
    """How to measure.

    Attributes:
        repeats: measurements of each case.
        clock: see :func:`custom.benchmark.timing.alternate`.
        device: where to compute.
    """

    repeats: int
    clock: Clock
    device: torch.device

    def measure(self, group: Group) -> Iterator[Row]:
        """Measure all cases of a group.

        Args:
            group: what to compare; its kind is a name of one of the methods below.

        Yields:
            One row a case.

        Raises:
            ValueError: network or method is unknown.
        """
        measure: dict[str, Callable[[Group], Iterator[Row]]] = {
            "attack": self.attack,
            "accelerations": self.accelerations,
            "training": self.training,
            "scaling": self.scaling,
            "processes": self.processes,
            "loader": self.loader,
        }
        return measure[group.kind](group)

    def attack(self, group: Group) -> Iterator[Row]:
        """One seven-step attack by everyone, with the floor of ours, the loss reached and the peak memory."""
        problem = self._problem(group)
        cases = attack_contenders(problem)
        cases[FLOOR] = memory_kept(_attack_floor(problem))
        timings = alternate(cases, self.repeats, self.clock)
        judge = training_adversary([])
        reference = judge(problem.network, problem.images, problem.labels)
        for name, case in cases.items():
            answers: list[object] = []
            memory = peak_memory(partial(_append_answer, case, answers), self.device)
            found = answers[0]
            if not isinstance(found, torch.Tensor):
                yield Row(*group, name, timings[name], memory)
                continue
            loss = judge.cross_entropy(problem.network, found, problem.labels).mean().item()
            difference = (found - reference).abs().max().item()
            yield Row(*group, name, timings[name], memory, loss, difference)

    def accelerations(self, group: Group) -> Iterator[Row]:
        """One seven-step attack of ours, with all that makes it fast and without one of it."""
        cases = attacks_without_one(self._problem(group))
        for name, timing in alternate(cases, self.repeats, self.clock).items():
            yield Row(*group, name, timing)

    def training(self, group: Group) -> Iterator[Row]:
        """One training step: ours, the plain loop and the floor of ours."""
        problem, method = self._problem(group), group.method
        own = laid_out_for_training(problem)
        cases = {EXACT: memory_kept(our_step(own, method, exact()))}
        if has_hardware(torch.bfloat16, self.device):
            cases[REDUCED] = memory_kept(our_step(own, method, reduced(), "bfloat16"))
        with suppress(ImportError):
            cases[PLAIN] = Case(plain_step(problem, method))
        cases[FLOOR] = memory_kept(_training_floor(own, method))
        timings = alternate(cases, self.repeats, self.clock)
        for name, case in cases.items():
            yield Row(*group, name, timings[name], peak_memory(case, self.device))

    def scaling(self, group: Group) -> Iterator[Row]:
        """A step of our own."""
        problem = laid_out_for_training(self._problem(group))
        step = memory_kept(our_step(problem, group.method, exact()))
        timing = alternate({EXACT: step}, self.repeats, self.clock)[EXACT]
        yield Row(*group, EXACT, timing, peak_memory(step, self.device))

    def processes(self, group: Group) -> Iterator[Row]:
        """The same batch by one process with all threads and by two that share batch and threads."""
        for count, name in ((1, "1 process"), (2, "2 processes")):
            seconds = shared_step_seconds(
                count, group.method, group.network, group.size, group.batch_size, self.repeats, self.clock
            )
            yield Row(*group, name, Timing(tuple(seconds)))

    def loader(self, group: Group) -> Iterator[Row]:
        """How long the iterations of a training's epoch wait for their batches, in wall-clock time."""
        times = train_an_epoch(group, self.device)
        # At the first batch the loader's workers start, so that it is part of the epoch alone.
        yield Row(*group, WAITING, Timing(times.waiting[1:]))
        yield Row(*group, ITERATION, Timing(times.iteration[1:]))
        yield Row(*group, EPOCH_WAITING, Timing((sum(times.waiting),)))
        yield Row(*group, EPOCH, Timing((sum(times.iteration),)))

    def _problem(self, group: Group) -> Problem:
        return make_problem(group.network, group.size, group.batch_size, self.device)


def _append_answer(case: Case, answers: list[object]) -> None:
    answers.append(case())


def _attack_floor(problem: Problem) -> Callable[[], None]:
    """The bare passes of our exact attack."""
    recorder = RecordPasses()
    training_adversary([*exact(), recorder])(problem.network, problem.images, problem.labels)
    return attack_floor(recorder.passes, problem, exact())


def _training_floor(problem: Problem, method: str) -> Callable[[], None]:
    """The bare passes of our exact step: those of its attacks, then the one for the parameters."""
    recorder = RecordPasses()
    our_step(problem, method, [*exact(), recorder])()
    attacks = attack_floor(recorder.passes, problem, exact())
    own = trained_by(method, training_adversary([]))
    halves = 2 if own.adversarial and own.loss.needs_clean else 1

    def floor() -> None:
        attacks()
        training_pass(problem, halves * len(problem.images))

    return floor
