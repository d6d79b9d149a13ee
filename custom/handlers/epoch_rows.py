"""A table with a row for each epoch of a training."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

import ignite.distributed as idist
from ignite.engine import Engine, Events

from custom.runs.epoch_table import EpochTable


class EpochRows(ABC):
    """Write a row to a table at the end of every epoch, by the first process.

    When a training resumes from a checkpoint, the rows up to that one are read from the file; what came after it, and
    is done again, is dropped.

    Args:
        path: of the table's file.

    Raises:
        ValueError: when a training resumes and the file is not such a table.
    """

    def __init__(self, path: Path) -> None:
        self.table = EpochTable(path)

    @abstractmethod
    def row(self, engine: Engine) -> Mapping[str, float]:
        """The figures of the epoch that has ended.

        Args:
            engine: the trainer.
        """

    def attach(self, engine: Engine) -> None:
        """Attach reading to the start of the training, and writing to the end of its epochs.

        Args:
            engine: the trainer.
        """
        if idist.get_rank() != 0:
            return
        engine.add_event_handler(Events.STARTED, lambda trainer: self.table.read(until=trainer.state.epoch))
        engine.add_event_handler(Events.EPOCH_COMPLETED, self.write)

    def write(self, engine: Engine) -> None:
        """Add the epoch that has ended.

        Args:
            engine: the trainer.

        Raises:
            OSError: when the file cannot be written.
        """
        self.table.append(engine.state.epoch, self.row(engine))
