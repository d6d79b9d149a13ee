"""The metrics of a training, epoch by epoch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ignite.engine import Engine
from monai.utils import is_scalar

from custom.handlers.epoch_rows import EpochRows
from custom.handlers.validated import validated
from custom.runs.names import HISTORY_NAME


class History(EpochRows):
    """Keep every epoch's metrics in ``history.csv``: one row per epoch, one column per metric.

    When a training resumes from a checkpoint, the epochs up to that one are read from the file; what came
    after it, and is done again, is dropped. Attach it to the trainer, after the handlers that validate,
    gather statistics and load checkpoints.

    Args:
        output_dir: folder of the file.
        evaluator: the engine that validates.

    Raises:
        ValueError: when a training resumes and the file is not such a table.

    Example::

        >>> from ignite.engine import Engine
        >>> from custom.handlers import History
        >>> handler = History("runs/first", Engine(lambda engine, batch: None))

    """

    def __init__(self, output_dir: str, evaluator: Engine) -> None:
        super().__init__(Path(output_dir) / HISTORY_NAME)
        self.evaluator = evaluator

    @property
    def rows(self) -> list[dict[str, float]]:
        """The epochs' metrics by name, with the number of each as ``epoch``."""
        return self.table.rows

    def row(self, engine: Engine) -> dict[str, float]:
        """See the base class."""
        return epoch_metrics(engine, self.evaluator)


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
