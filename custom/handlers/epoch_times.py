"""How long the epochs of a training take."""

from __future__ import annotations

import time
from pathlib import Path

from ignite.engine import Engine, Events

from custom.handlers.epoch_rows import EpochRows
from custom.runs.names import TIMES_NAME


class EpochTimes(EpochRows):
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
        super().__init__(Path(output_dir) / TIMES_NAME)
        self.started = (0.0, 0.0)

    def attach(self, engine: Engine) -> None:
        """Attach the clock to the start and the end of the trainer's epochs.

        Args:
            engine: the trainer.
        """
        super().attach(engine)
        engine.add_event_handler(Events.EPOCH_STARTED, self.start)

    def start(self) -> None:
        """Note when the epoch starts."""
        self.started = (time.perf_counter(), time.process_time())

    def row(self, engine: Engine) -> dict[str, float]:
        """See the base class."""
        clock, cpu = self.started
        times = {"seconds": time.perf_counter() - clock, "cpu_seconds": time.process_time() - cpu}
        return {name: round(value, 2) for name, value in times.items()}
