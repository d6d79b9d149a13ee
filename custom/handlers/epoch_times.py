"""How long the epochs of a training take."""

from __future__ import annotations

import time
from pathlib import Path

import ignite.distributed as idist
from ignite.engine import Engine, Events

from custom.runs.epoch_table import EpochTable
from custom.runs.names import TIMES_NAME


class EpochTimes:
    """Keep the time that every epoch's training takes in ``times.csv``, validation not counted.

    The columns are ``seconds`` on the clock and ``cpu_seconds`` of all threads of the process. Workers that load data
    are processes of their own, and count only on the clock. Attach it to the trainer before the handler that validates;
    a training that resumes keeps the rows of the epochs before.

    Args:
        output_dir: folder of the file.

    Raises:
        ValueError: when a training resumes and the file is not such a table.

    Example::

        >>> from custom.handlers import EpochTimes
        >>> handler = EpochTimes("runs/first")

    """

    def __init__(self, output_dir: str) -> None:
        self.table = EpochTable(Path(output_dir) / TIMES_NAME)
        self.started = (0.0, 0.0)

    def attach(self, engine: Engine) -> None:
        """Attach the clock to the start and the end of the trainer's epochs.

        Args:
            engine: the trainer.
        """
        if idist.get_rank() != 0:
            return
        engine.add_event_handler(Events.STARTED, lambda trainer: self.table.read(until=trainer.state.epoch))
        engine.add_event_handler(Events.EPOCH_STARTED, self.start)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self.write)

    def start(self) -> None:
        """Note when the epoch starts."""
        self.started = (time.perf_counter(), time.process_time())

    def write(self, engine: Engine) -> None:
        """Add the epoch that has ended.

        Args:
            engine: the trainer.

        Raises:
            OSError: when the file cannot be written.
        """
        clock, cpu = self.started
        row = {"seconds": time.perf_counter() - clock, "cpu_seconds": time.process_time() - cpu}
        self.table.append(engine.state.epoch, {name: round(value, 2) for name, value in row.items()})
