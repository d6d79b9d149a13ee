"""The comparisons that make up the benchmark."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import torch

from custom.benchmark.attack_contenders import attack_contenders
from custom.benchmark.memory import peak_memory
from custom.benchmark.passes import RecordPasses, attack_floor, training_pass
from custom.benchmark.problem import Problem, exact, make_problem, reduced, training_adversary
from custom.benchmark.processes import shared_step_seconds
from custom.benchmark.row import Row
from custom.benchmark.timing import Clock, Timing, alternate
from custom.benchmark.training_contenders import our_step, plain_step
from custom.methods import TrainingMethod, training_method

PLAIN, FLOOR, EXACT, REDUCED = "plain loop", "floor", "ours, exact", "ours, bfloat16"
TRAINED = ("std", "at", "sat", "amat", "dpaat")


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

    def attacks(self, network: str, size: int, batch_size: int) -> Iterator[Row]:
        """One seven-step attack by everyone, with the floor of ours, the loss reached and the peak memory."""
        problem = make_problem(network, size, batch_size, self.device)
        contenders: dict[str, Callable[[], object]] = dict(attack_contenders(problem))
        contenders[FLOOR] = _attack_floor(problem)
        timings = alternate(contenders, self.repeats, self.clock)
        judge = training_adversary([])
        reference = judge(problem.network, problem.images, problem.labels)
        for case, call in contenders.items():
            memory = peak_memory(call, self.device)
            found = call()
            if not isinstance(found, torch.Tensor):
                yield Row("attack", network, size, batch_size, case, timings[case], memory)
                continue
            loss = judge.loss(problem.network, found, problem.labels).mean().item()
            difference = (found - reference).abs().max().item()
            yield Row("attack", network, size, batch_size, case, timings[case], memory, loss, difference)

    def training(self, network: str, size: int, batch_size: int, methods: Iterable[str] = TRAINED) -> Iterator[Row]:
        """One training step of each method: ours, the plain loop and the floor of ours."""
        for name in methods:
            problem = make_problem(network, size, batch_size, self.device)
            method = training_method(name)
            cases: dict[str, Callable[[], object]] = {EXACT: our_step(problem, method, exact())}
            if method.radius != "none":
                cases[REDUCED] = our_step(problem, method, reduced())
            with suppress(ImportError):
                cases[PLAIN] = plain_step(problem, method)
            cases[FLOOR] = _training_floor(problem, method)
            timings = alternate(cases, self.repeats, self.clock)
            for case, call in cases.items():
                memory = peak_memory(call, self.device)
                yield Row(f"training, {name}", network, size, batch_size, case, timings[case], memory)

    def scaling(
        self, network: str, sizes: Iterable[int], batch_sizes: Iterable[int], methods: Iterable[str]
    ) -> Iterator[Row]:
        """Steps of our own at several image sizes and batch sizes."""
        for size in sizes:
            for batch_size in batch_sizes:
                for method in methods:
                    problem = make_problem(network, size, batch_size, self.device)
                    step = our_step(problem, training_method(method), exact())
                    timing = alternate({EXACT: step}, self.repeats, self.clock)[EXACT]
                    memory = peak_memory(step, self.device)
                    yield Row(f"scaling, {method}", network, size, batch_size, EXACT, timing, memory)

    def processes(self, network: str, size: int, batch_size: int, method: str) -> Iterator[Row]:
        """The same batch by one process with all threads and by two that share batch and threads."""
        for count in (1, 2):
            seconds = shared_step_seconds(count, method, network, size, batch_size, self.repeats, self.clock)
            case = "1 process" if count == 1 else f"{count} processes"
            yield Row(f"processes, {method}", network, size, batch_size, case, Timing(tuple(seconds)))


def _attack_floor(problem: Problem) -> Callable[[], None]:
    """The bare passes of our exact attack."""
    recorder = RecordPasses()
    training_adversary([*exact(), recorder])(problem.network, problem.images, problem.labels)
    return attack_floor(recorder.passes, problem, exact())


def _training_floor(problem: Problem, method: TrainingMethod) -> Callable[[], None]:
    """The bare passes of our exact step: those of its attacks, then the one for the parameters."""
    recorder = RecordPasses()
    our_step(problem, method, [*exact(), recorder])()
    attacks = attack_floor(recorder.passes, problem, exact())
    halves = 2 if method.radius != "none" and method.needs_clean else 1

    def floor() -> None:
        attacks()
        training_pass(problem, halves * len(problem.images))

    return floor
