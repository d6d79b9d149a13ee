"""A study in MLflow: a parent run, with the trainings as its children."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mlflow.entities import Metric, RunTag

from custom.files import write_atomically
from custom.files.read_json import read_json
from custom.study.cluster import Result
from custom.study.execution import Place
from custom.study.grid import Grid
from custom.tracking import MLFLOW_ERRORS, Experiment, first_line, open_experiment, recorded_run

PARENT_NAME = "mlflow_study.json"


@dataclass
class StudyTracking:
    """Records a study's parent run, and makes the runs of trainings its children as they finish.

    A study that is started again takes up its parent run. If MLflow cannot record, that is a warning.

    Attributes:
        grid: the study's grid.
        place: where its files are.
        experiment_name: name of the MLflow experiment, which the trainings record in, too.
    """

    grid: Grid
    place: Place
    experiment_name: str
    _experiment: Experiment | None = None
    _parent: str | None = None
    _recorded: int = 0

    def start(self) -> None:
        """Begin the parent run, or take it up."""
        self._try(self._start)

    def restart(self) -> None:
        """Expect a new list of results."""
        self._recorded = 0

    def update(self, results: Sequence[Result]) -> None:
        """Record the runs that have ended since the last call.

        Args:
            results: all that have ended.
        """
        for result in results[self._recorded :]:
            if self._parent is not None and result.record is not None:
                self._try(self._record, result)
        self._recorded = len(results)

    def end(self, failed: int) -> None:
        """End the parent run.

        Args:
            failed: number of runs that failed.
        """
        self._try(self._end, failed)

    def _start(self) -> None:
        experiment = self._experiment = open_experiment(self.place.output / "runs", self.experiment_name)
        path = self.place.output / PARENT_NAME
        if path.is_file():
            self._parent = read_json(path)["run_id"]
            experiment.client.update_run(self._parent, status="RUNNING")
            return
        run = experiment.client.create_run(experiment.id, run_name=self.grid.name, tags=experiment.run_tags())
        self._parent = str(run.info.run_id)
        write_atomically(path, json.dumps({"run_id": self._parent}).encode())

    def _record(self, result: Result) -> None:
        assert self._experiment is not None
        client, folder = self._experiment.client, self.place.folder(result.run)
        child = recorded_run(folder)
        if child is None:
            return
        now = int(time.time() * 1000)
        tags = {"mlflow.parentRunId": self._parent, "study.group": result.run.group, "study.arm": result.run.arm}
        figures = [Metric(name, value, now, 0) for name, value in headline(result.record or {}).items()]
        client.log_batch(child, metrics=figures, tags=[RunTag(key, str(value)) for key, value in tags.items()])

    def _end(self, failed: int) -> None:
        if self._experiment is not None and self._parent is not None:
            self._experiment.client.set_terminated(self._parent, "FAILED" if failed else "FINISHED")

    @staticmethod
    def _try(record: Any, *arguments: Any) -> None:
        try:
            record(*arguments)
        except MLFLOW_ERRORS as error:
            print(f"warning: MLflow did not record the study: {first_line(error)}", file=sys.stderr)


def headline(record: dict[str, Any]) -> dict[str, float]:
    """Clean and robust test accuracy of a record, as far as it has them.

    Args:
        record: of a run.
    """
    if "clean" not in record:
        return {}
    robust = record["worst_case"]["1"]
    return {
        "test_accuracy": record["clean"]["metrics"]["accuracy"],
        "robust_accuracy": robust.count("1") / len(robust),
    }
