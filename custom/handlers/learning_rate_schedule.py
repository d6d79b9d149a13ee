"""The learning rate as a function of the iteration."""

from __future__ import annotations

import math
from typing import Literal, get_args

from ignite.engine import Engine, Events
from torch.optim import Optimizer

Schedule = Literal["constant", "cosine", "one_cycle"]

PEAK = 0.3
"""Share of the training after which the one-cycle rate is at its peak, as in torch's ``OneCycleLR``."""


class LearningRateSchedule:
    """Multiply the optimizer's learning rates by a factor of the share ``t`` of the training that is behind.

    ::

        constant    1
        cosine      (1 + cos(pi t)) / 2
        one_cycle   (1 - cos(pi t / 0.3)) / 2          t < 0.3: from 0 to the peak
                    (1 + cos(pi (t - 0.3) / 0.7)) / 2  after it: down to 0

    (Smith, "Super-convergence", 2018.) The factor depends on the iteration alone, so that a training that resumes needs
    no state of it. Attach it to the trainer.

    Args:
        optimizer: its present learning rates are those at the peak.
        schedule: one of the three.

    Raises:
        ValueError: if the schedule is not one of them.

    Example::

        >>> from custom.handlers.learning_rate_schedule import learning_rate_factor
        >>> [round(learning_rate_factor("one_cycle", share), 3) for share in (0, 0.15, 0.3, 0.65, 1)]
        [0.0, 0.5, 1.0, 0.5, 0.0]

    """

    def __init__(self, optimizer: Optimizer, schedule: Schedule = "constant") -> None:
        if schedule not in get_args(Schedule):
            raise ValueError(f"lr_schedule must be one of {', '.join(get_args(Schedule))}, not {schedule!r}.")
        self.optimizer = optimizer
        self.schedule: Schedule = schedule
        self._peaks = [group["lr"] for group in optimizer.param_groups]

    def attach(self, engine: Engine) -> None:
        """Attach the schedule to the start of the trainer's iterations.

        Args:
            engine: the trainer.
        """
        if self.schedule != "constant":
            engine.add_event_handler(Events.ITERATION_STARTED, self)

    def __call__(self, engine: Engine) -> None:
        """Set the rates of the iteration that starts.

        Args:
            engine: the trainer.
        """
        state = engine.state
        total = (state.max_epochs or 1) * (state.epoch_length or 1)
        # The middle of the iteration, so that neither the first nor the last is lost to a rate of 0.
        factor = learning_rate_factor(self.schedule, (state.iteration - 0.5) / total)
        for group, peak in zip(self.optimizer.param_groups, self._peaks, strict=True):
            group["lr"] = factor * peak


def learning_rate_factor(schedule: Schedule, share: float) -> float:
    """The learning rate as a share of its peak; see :class:`LearningRateSchedule`.

    Args:
        schedule: its name.
        share: share of the training that is behind, in [0, 1].
    """
    if schedule == "constant":
        return 1.0
    if schedule == "cosine":
        return (1 + math.cos(math.pi * share)) / 2
    if share < PEAK:
        return (1 - math.cos(math.pi * share / PEAK)) / 2
    return (1 + math.cos(math.pi * (share - PEAK) / (1 - PEAK))) / 2
