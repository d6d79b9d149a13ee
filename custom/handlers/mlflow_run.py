"""One training, one MLflow run: begun, gone on with, and ended as it should be."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import ignite.distributed as idist
from filelock import FileLock
from ignite.engine import Engine, Events
from mlflow.exceptions import MlflowException
from monai.handlers import MLFlowHandler

from custom.files import write_atomically
from custom.handlers.cleanup import on_exception
from custom.handlers.validated import validated
from custom.runs.names import (
    CONFIG_NAME,
    HISTORY_NAME,
    LEARNING_CURVES_NAME,
    MLFLOW_NAME,
    MODEL_CARD_NAME,
    MODEL_NAME,
)

ARTIFACTS = (CONFIG_NAME, HISTORY_NAME, LEARNING_CURVES_NAME, MODEL_NAME, MODEL_CARD_NAME)


class MLflowRun:
    """Record a training in MLflow, with MONAI's ``MLFlowHandler``, in a run of its own.

    Recorded are the parameters, every epoch's scalar metrics of trainer and evaluator, and as artifacts the
    resolved config, the history, the learning curves, the best weights and the model's card. The run ends as
    ``FINISHED``, as ``FAILED`` after an error, or as ``KILLED`` after an interruption. Its id is kept in
    ``mlflow_run.json``, so that a training that goes on from a checkpoint goes on with its run. A server that
    stops to answer in mid-training costs records, with a warning, but not the training.

    Records go to ``MLFLOW_TRACKING_URI`` where that is set, and otherwise to ``mlruns.db`` beside the output
    folder. Attach it to the trainer as the last handler.

    Args:
        output_dir: folder of the results.
        evaluator: the engine that validates.
        parameters: what to record as parameters.
        config: the config of the training, whose plain values at the top are parameters, too.
        experiment_name: name of the MLflow experiment.
        resume: whether the training goes on.

    Example::

        >>> from ignite.engine import Engine
        >>> from custom.handlers import MLflowRun
        >>> handler = MLflowRun("runs/first", Engine(lambda engine, batch: None))

    """

    def __init__(
        self,
        output_dir: str,
        evaluator: Engine,
        parameters: Mapping[str, Any] | None = None,
        config: Mapping[str, Any] | None = None,
        experiment_name: str = "robust-classification",
        resume: bool = False,
    ) -> None:
        self.output_dir = Path(output_dir)
        self.evaluator = evaluator
        self.parameters = dict(parameters or {})
        self.config = dict(config or {})
        self.experiment_name = experiment_name
        self.resume = resume
        self._log: MLFlowHandler | None = None

    def attach(self, engine: Engine) -> None:
        """Attach the record to the trainer.

        Args:
            engine: the trainer.
        """
        if idist.get_rank() != 0:
            return
        engine.add_event_handler(Events.STARTED, self.start)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self.record_epoch)
        engine.add_event_handler(Events.COMPLETED, self.complete)
        on_exception(engine, self.fail)

    def start(self, engine: Engine) -> None:
        """Begin a run, or go on with the one of the training that goes on.

        Args:
            engine: the trainer.

        Raises:
            ConnectionError: when the tracking server does not answer.
        """
        # A database's first use is announced line by line, and an absent server is asked for minutes.
        for name in ("alembic", "mlflow"):
            logging.getLogger(name).setLevel(logging.WARNING)
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")
        database = (self.output_dir.parent / "mlruns.db").absolute()
        try:
            # Two trainings that start together would both make a new database's tables.
            with FileLock(database.with_name(".mlruns.lock")):
                log = self._begin(engine, database)
        except MlflowException as error:
            where = os.environ.get("MLFLOW_TRACKING_URI", "the database beside the output folder")
            raise ConnectionError(
                f"MLflow cannot record in {where}: start the server, or correct or unset MLFLOW_TRACKING_URI "
                f"({_first_line(error)})."
            ) from error
        assert log.cur_run is not None  # as `start` has begun it
        written = {"run_id": log.cur_run.info.run_id, "tracking_uri": log.client.tracking_uri}
        write_atomically(self.output_dir / MLFLOW_NAME, json.dumps(written).encode())

    def _begin(self, engine: Engine, database: Path) -> MLFlowHandler:
        log = self._log = MLFlowHandler(
            # Not MONAI's path_to_sqlite_uri: it escapes a space, which SQLAlchemy takes literally.
            tracking_uri=f"sqlite:///{database.as_posix()}",
            experiment_name=self.experiment_name,
            run_name=f"{self.output_dir.name}-{time.strftime('%Y%m%d-%H%M%S')}-{uuid.uuid4().hex[:6]}",
            artifacts=[self.output_dir / name for name in ARTIFACTS],
        )
        earlier = self._earlier_run() if self.resume else None
        if earlier is None:
            log.experiment_param = {**plain_values(self.config), **self.parameters}
        else:
            log.client.update_run(earlier, status="RUNNING")
            log.cur_run = self._log.client.get_run(earlier)
        log.start(engine)
        return log

    def record_epoch(self, engine: Engine) -> None:
        """Record the metrics of the epoch that has ended.

        Args:
            engine: the trainer.
        """
        if self._log is None:
            return
        self._try("the metrics of an epoch", self._log.epoch_completed, engine)
        if validated(engine, self.evaluator):
            self._try("the metrics of a validation", self._log.epoch_completed, self.evaluator)

    def complete(self, engine: Engine) -> None:
        """Record the files and end the run as finished.

        Args:
            engine: the trainer.
        """
        self._end("FINISHED")

    def fail(self, error: BaseException) -> None:
        """End the run as failed or interrupted, with the files that there are.

        Args:
            error: what ended the training.
        """
        self._end("KILLED" if isinstance(error, KeyboardInterrupt | SystemExit) else "FAILED")

    def _end(self, status: str) -> None:
        if self._log is None:
            return
        log, self._log = self._log, None
        self._try("the results", log.complete)
        log.run_finish_status = status
        self._try("the end of the run", log.close)

    @staticmethod
    def _try(what: str, record: Callable[..., None], *args: Any) -> None:
        try:
            record(*args)
        except (MlflowException, OSError) as error:
            print(f"warning: MLflow did not record {what}: {_first_line(error)}", file=sys.stderr)

    def _earlier_run(self) -> str | None:
        """The id of this training's run, unless it was recorded elsewhere."""
        path = self.output_dir / MLFLOW_NAME
        if self._log is None or not path.is_file():
            return None
        written = json.loads(path.read_text(encoding="utf-8"))
        return written["run_id"] if written["tracking_uri"] == self._log.client.tracking_uri else None


def plain_values(config: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers and words at the top of a config, without expressions and references."""
    return {
        name: value
        for name, value in config.items()
        if isinstance(value, int | float | str) and not str(value).startswith(("$", "@", "%"))
    }


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
