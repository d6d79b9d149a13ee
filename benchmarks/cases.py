"""One way to do what is compared, and the setting of the process that it runs in."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from custom.acceleration.cpu import freed_memory_kept

EXACT, BFLOAT16, UNACCELERATED = "ours, exact", "ours, bfloat16", "ours, no acceleration"
FLOOR, PLAIN = "floor", "plain loop"
TORCHATTACKS, TORCHATTACKS_KEPT = "torchattacks", "torchattacks, memory kept"
ART, FOOLBOX = "ART", "foolbox"
WAITING, ITERATION = "waiting for a batch", "iteration"
EPOCH_WAITING, EPOCH = "waiting for all batches", "epoch"


@dataclass(frozen=True)
class Case:
    """A call, and a context for it that is entered and left outside the measured time.

    Attributes:
        call: what to measure.
        context: makes the context manager; by default the process stays as it is.
    """

    call: Callable[[], object]
    context: Callable[[], AbstractContextManager[object]] = nullcontext

    def __call__(self) -> object:
        """Call within the context, and return the call's result."""
        with self.context():
            return self.call()


def keeping_memory(call: Callable[[], object]) -> Case:
    """A case with the allocator setting of our trainings, which applies to a whole process."""
    return Case(call, freed_memory_kept)
