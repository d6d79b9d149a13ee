"""The numbers of a training, epoch by epoch, in a file that survives kill and resume."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import ignite.distributed as idist
from ignite.engine import Engine, Events
from monai.utils import is_scalar

from custom.files import write_atomically
from custom.handlers.validated import validated
from custom.runs.names import HISTORY_NAME


class History:
    """Keep every epoch's metrics in ``history.csv``: one row an epoch, one column a metric.

    When a training resumes from a checkpoint, the epochs up to that one are read from the file; what came
    after it, and is done again, is dropped. Attach it to the trainer, after the handlers that validate,
    gather statistics and load checkpoints.

    Args:
        output_dir: folder of the file.
        evaluator: the engine that validates.

    Example::

        >>> from ignite.engine import Engine
        >>> from custom.handlers import History
        >>> handler = History("runs/first", Engine(lambda engine, batch: None))

    """

    def __init__(self, output_dir: str, evaluator: Engine) -> None:
        self.path = Path(output_dir) / HISTORY_NAME
        self.evaluator = evaluator
        self.rows: list[dict[str, float]] = []

    def attach(self, engine: Engine) -> None:
        """Attach reading to the start of the training, and writing to the end of its epochs.

        Args:
            engine: the trainer.
        """
        if idist.get_rank() != 0:
            return
        engine.add_event_handler(Events.STARTED, self.read)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self.write)

    def read(self, engine: Engine) -> None:
        """Read the epochs that the trainer has behind it.

        Args:
            engine: the trainer.

        Raises:
            ValueError: when the file is not such a table.
        """
        self.rows = []
        if engine.state.epoch == 0 or not self.path.is_file():
            return
        with self.path.open(newline="", encoding="utf-8") as file:
            try:
                rows = [{name: number(value) for name, value in row.items() if value} for row in csv.DictReader(file)]
                self.rows = [row for row in rows if row["epoch"] <= engine.state.epoch]
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(
                    f"{self.path} is not a table of epochs: move it away to continue without it."
                ) from error

    def write(self, engine: Engine) -> None:
        """Add the epoch that has ended.

        Args:
            engine: the trainer.

        Raises:
            OSError: when the file cannot be written.
        """
        self.rows.append({"epoch": engine.state.epoch, **epoch_metrics(engine, self.evaluator)})
        columns = list(dict.fromkeys(name for row in self.rows for name in row))
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        write_atomically(self.path, text.getvalue().encode())


def number(text: str) -> float:
    """The number that was written as ``text``; an integer stays one, so that a table read and written is the same."""
    return int(text) if text.lstrip("-").isdigit() else float(text)


def epoch_metrics(trainer: Engine, evaluator: Engine) -> dict[str, float]:
    """Gather the scalar metrics of the epoch that has ended.

    Args:
        trainer: the trainer.
        evaluator: the engine that validates; left out if it did not validate this epoch.

    Returns:
        The metrics by name.
    """
    metrics: dict[str, Any] = dict(trainer.state.metrics)
    if validated(trainer, evaluator):
        metrics.update(evaluator.state.metrics)
    return {name: float(value) for name, value in metrics.items() if is_scalar(value)}
