"""One way to do what is compared, and the setting of the process that it runs in."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from custom.acceleration.cpu.allocator import freed_memory_kept

EXACT, REDUCED, UNACCELERATED = "ours, exact", "ours, bfloat16", "ours, no acceleration"
FLOOR, PLAIN = "floor", "plain loop"
TORCHATTACKS, TORCHATTACKS_KEPT = "torchattacks", "torchattacks, memory kept"
ART, FOOLBOX = "ART", "foolbox"
WAITING, ITERATION = "waiting for a batch", "iteration"
EPOCH_WAITING, EPOCH = "waiting for all batches", "epoch"


@dataclass(frozen=True)
class Case:
    """What to call, and within what.

    Calling the case calls within the context; a clock that is to leave out entering and leaving takes the two
    apart.

    Attributes:
        call: what to do.
        context: makes the context to do it in; by default the process stays as it is.
    """

    call: Callable[[], object]
    context: Callable[[], AbstractContextManager[object]] = nullcontext

    def __call__(self) -> object:
        """What ``call`` returns within the context."""
        with self.context():
            return self.call()


def memory_kept(call: Callable[[], object]) -> Case:
    """A case with the memory setting of our trainings, which a process has by its own choice only."""
    return Case(call, freed_memory_kept)
