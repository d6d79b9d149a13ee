"""One training, one MLflow run: begun, continued, and ended as it should be."""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import ignite.distributed as idist
from ignite.engine import Engine, Events
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from monai.handlers import MLFlowHandler

from custom.files import write_atomically
from custom.handlers.cleanup import on_exception
from custom.handlers.validated import validated
from custom.networks import NetworkCard
from custom.runs.names import (
    CONFIG_NAME,
    HISTORY_NAME,
    LEARNING_CURVES_NAME,
    MLFLOW_NAME,
    MODEL_CARD_NAME,
    MODEL_NAME,
)
from custom.tracking import MLFLOW_ERRORS, first_line, open_experiment, recorded_run, register_model, training_data

ARTIFACTS = (CONFIG_NAME, HISTORY_NAME, LEARNING_CURVES_NAME, MODEL_NAME, MODEL_CARD_NAME)


class MLflowRun:
    """Record a training in MLflow, with MONAI's ``MLFlowHandler``, in a run of its own.

    Recorded are the parameters, every epoch's scalar metrics of trainer and evaluator, and as artifacts the
    resolved config, the history, the learning curves, the best weights and the model's card; as its input the data set
    with its hash. The run ends as ``FINISHED``, as ``FAILED`` after an error, or as ``KILLED`` after an interruption;
    the weights of a finished one are registered as a version of a model. Its id is kept in
    ``mlflow_run.json``, so that a training that resumes continues its run. A server that stops answering in
    mid-training costs records, with a warning, but not the training.

    Records go to ``MLFLOW_TRACKING_URI`` if that is set, and otherwise to ``mlruns.db`` beside the output
    folder. Attach it to the trainer as the last handler.

    Args:
        output_dir: folder of the results.
        evaluator: the engine that validates.
        parameters: what to record as parameters.
        config: the config of the training, whose plain values at the top are parameters, too.
        experiment_name: name of the MLflow experiment.
        resume: whether the training resumes.
        datalist: the data set's ``datalist.json``; without it no data set is recorded.
        card: of the network, for the hash of the data.
        model_name: of the registered model; without it none is registered.

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
        datalist: str | None = None,
        card: NetworkCard | None = None,
        model_name: str | None = None,
    ) -> None:
        self.output_dir = Path(output_dir)
        self.evaluator = evaluator
        self.parameters = dict(parameters or {})
        self.config = dict(config or {})
        self.experiment_name = experiment_name
        self.resume = resume
        self.datalist, self.card, self.model_name = datalist, card, model_name
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
        """Begin a run, or continue that of the training that resumes.

        Args:
            engine: the trainer.

        Raises:
            ConnectionError: if the tracking server of a new training does not answer. A damaged local database, or a
                server that is gone when a training resumes, costs the records alone, with a warning.
        """
        try:
            self._begin(engine)
        except MLFLOW_ERRORS as error:
            self._log = None
            server = os.environ.get("MLFLOW_TRACKING_URI")
            if server and not self.resume:
                raise ConnectionError(
                    f"MLflow cannot record in {server}; start the server, or correct or unset MLFLOW_TRACKING_URI "
                    f"({first_line(error)})."
                ) from error
            print(f"warning: MLflow records nothing of this training: {first_line(error)}", file=sys.stderr)

    def _begin(self, engine: Engine) -> None:
        experiment = open_experiment(self.output_dir.parent, self.experiment_name)
        log = self._log = MLFlowHandler(
            tracking_uri=experiment.uri,
            experiment_name=self.experiment_name,
            run_name=f"{self.output_dir.name}-{time.strftime('%Y%m%d-%H%M%S')}-{uuid.uuid4().hex[:6]}",
            artifacts=[self.output_dir / name for name in ARTIFACTS],
        )
        earlier = self._earlier_run(experiment.client) if self.resume else None
        if earlier is None:
            log.experiment_param = {**plain_values(self.config), **self.parameters}
        else:
            log.client.update_run(earlier, status="RUNNING")
            log.cur_run = log.client.get_run(earlier)
        log.start(engine)
        assert log.cur_run is not None  # as `start` has begun it
        run_id = log.cur_run.info.run_id
        for name, value in experiment.run_tags().items():
            log.client.set_tag(run_id, name, value)
        if self.datalist is not None and earlier is None:
            log.client.log_inputs(run_id, [training_data(self.datalist, self.card.data_sha256 if self.card else "")])
        write_atomically(self.output_dir / MLFLOW_NAME, json.dumps({"run_id": run_id}).encode())

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
        if status == "FINISHED" and self.model_name and log.cur_run is not None:
            self._try("the model", register_model, log.client, log.cur_run, self.model_name, MODEL_NAME)
        log.run_finish_status = status
        self._try("the end of the run", log.close)

    @staticmethod
    def _try(what: str, record: Callable[..., None], *args: Any) -> None:
        try:
            record(*args)
        except Exception as error:
            # MLflow passes on what its database layer raises, and no record is worth a training.
            print(f"warning: MLflow did not record {what}: {first_line(error)}", file=sys.stderr)

    def _earlier_run(self, client: MlflowClient) -> str | None:
        """The id of this training's run, unless it was recorded elsewhere."""
        run_id = recorded_run(self.output_dir)
        try:
            return None if run_id is None else str(client.get_run(run_id).info.run_id)
        except MlflowException:
            return None


def plain_values(config: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers and words at the top of a config, without expressions and references."""
    return {
        name: value
        for name, value in config.items()
        if isinstance(value, int | float | str) and not str(value).startswith(("$", "@", "%"))
    }
