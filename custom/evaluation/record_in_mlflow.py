"""The folder of an evaluation as an MLflow run."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag

from custom.evaluation.result_folder import PARTS
from custom.metrics import read_metrics
from custom.tracking import (
    MLFLOW_ERRORS,
    Experiment,
    data_input,
    first_line,
    open_experiment,
    recorded_run,
    tag_versions,
)
from custom.tracking.names import metric_names

LONGEST_VALUE = 5000
HEADLINE = "robust_accuracy"
"""Metric of the training's own run, by which a list of trainings can be sorted."""


def record_in_mlflow(
    folder: str | Path, database: str | Path, experiment_name: str = "robust-classification"
) -> str | None:
    """Record a finished evaluation in MLflow, as a child of its training's run if that is recorded in the same place.

    Recorded are the parameters of the evaluation and of each attack, all metrics (``robust_accuracy``,
    ``pgd20/accuracy``, ``pgd20/accuracy_low``, ``pgd20/rounded/accuracy``, and for an attack at a further radius
    ``pgd20/0.1/accuracy``), and all files but those that an interrupted evaluation resumes from. The training's run
    gets ``robust_accuracy`` and ``test_accuracy``, too, and the registered model's version has them as tags.

    If MLflow cannot record, that is a warning: the results are in the folder all the same.

    Args:
        folder: the evaluation's folder.
        database: SQLite file to record in, unless ``MLFLOW_TRACKING_URI`` names another place. Records of an
            evaluation in the folder of a training go to where that training's are.
        experiment_name: name of the MLflow experiment.

    Returns:
        The run's id; ``None`` if nothing could be recorded.
    """
    folder = Path(folder)
    metrics = read_metrics(folder)
    training = folder.absolute().parent
    place = training.parent if recorded_run(training) else Path(database).absolute().parent
    try:
        experiment = open_experiment(place, experiment_name)
        return _record(experiment, metrics, folder, _training_run(experiment, training))
    except MLFLOW_ERRORS as error:
        print(
            f"warning: MLflow did not record the evaluation ({first_line(error)}); the "
            f"results are in {folder} nevertheless.",
            file=sys.stderr,
        )
        return None


def _training_run(experiment: Experiment, training: Path) -> str | None:
    """The id of the training's run, if it is recorded in the same place."""
    run_id = recorded_run(training)
    try:
        return None if run_id is None else str(experiment.client.get_run(run_id).info.run_id)
    except MLFLOW_ERRORS:
        return None


def _record(experiment: Experiment, metrics: dict[str, Any], folder: Path, parent: str | None) -> str:
    client = experiment.client
    tags = {"model": metrics["model"]["name"], **experiment.run_tags()}
    if parent is not None:
        tags["mlflow.parentRunId"] = parent
    run_name = f"evaluation-{time.strftime('%Y%m%d-%H%M%S')}-{uuid.uuid4().hex[:6]}"
    run_id = str(client.create_run(experiment.id, run_name=run_name, tags=tags).info.run_id)
    try:
        _log(client, run_id, metrics, folder)
        if parent is not None:
            _log_headline(client, parent, metrics)
    except BaseException:
        client.set_terminated(run_id, "FAILED")
        raise
    client.set_terminated(run_id)
    return run_id


def _log(client: MlflowClient, run_id: str, metrics: dict[str, Any], folder: Path) -> None:
    values = _parameters(metrics)
    names = metric_names(values)
    parameters = [Param(name, str(value)[:LONGEST_VALUE]) for name, value in zip(names, values.values(), strict=True)]
    now = int(time.time() * 1000)
    figures = [Metric(name, value, now, 0) for name, value in _figures(metrics).items()]
    # MLflow takes at most a hundred parameters and a thousand metrics at a time.
    for start in range(0, len(parameters), 100):
        client.log_batch(run_id, params=parameters[start : start + 100])
    for start in range(0, len(figures), 1000):
        client.log_batch(run_id, metrics=figures[start : start + 1000])
    data = metrics["data"]
    client.log_inputs(run_id, [data_input(data["name"], data["sha256"], "evaluation")])
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name != PARTS:
            client.log_artifacts(run_id, str(path), path.name)
        elif path.is_file():
            client.log_artifact(run_id, str(path))


def _log_headline(client: MlflowClient, run_id: str, metrics: dict[str, Any]) -> None:
    """Give the training's run, and its registered model, the figures to sort by; a later evaluation replaces them."""
    now = int(time.time() * 1000)
    found = {"test_accuracy": metrics["clean"]["images"]["accuracy"]["value"]}
    tags = []
    if metrics["robust_accuracy"]:
        ball = metrics["robust_accuracy"][0]
        found[HEADLINE] = ball["value"]
        tags = [RunTag("robust_accuracy.ball", f"{ball['norm']} {ball['epsilon']:.6g}")]
    client.log_batch(run_id, metrics=[Metric(name, value, now, 0) for name, value in found.items()], tags=tags)
    shown = {name: f"{value:.4f}" for name, value in found.items()} | {tag.key: tag.value for tag in tags}
    tag_versions(client, run_id, shown)


def _records(metrics: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    yield ("clean",), metrics["clean"]
    for name, record in metrics["attacks"].items():
        yield (name,), record
    for record in metrics["radii"]:
        yield (record["attack"], f"{record['epsilon']:.10g}"), record


def _parameters(metrics: dict[str, Any]) -> dict[tuple[str, ...], Any]:
    parameters: dict[tuple[str, ...], Any] = {("model", name): value for name, value in metrics["model"].items()}
    parameters |= {("data", name): value for name, value in metrics["data"].items()}
    for prefix, record in _records(metrics):
        parameters |= {(*prefix, name): value for name, value in record.get("parameters", {}).items()}
    return parameters


def _figures(metrics: dict[str, Any]) -> dict[str, float]:
    """Every figure with the ends of its interval, as far as they are known."""
    figures: dict[tuple[str, ...], Mapping[str, Any]] = {}
    for number, ball in enumerate(metrics["robust_accuracy"]):
        if number == 0:
            figures[HEADLINE,] = ball
        figures[HEADLINE, ball["norm"], f"{ball['epsilon']:.10g}"] = ball
    for prefix, record in _records(metrics):
        for kind, part in (("images", ()), ("rounded", ("rounded",))):
            figures |= {(*prefix, *part, name): figure for name, figure in record[kind].items()}
    for curve in metrics.get("curves") or ():
        figures["expected_robustness", curve["norm"]] = curve["expected_robustness"]
    if metrics.get("corruptions"):
        figures["corruptions", "mean"] = metrics["corruptions"]["mean"]
    for name, measure in (metrics.get("explanations") or {}).get("measures", {}).items():
        figures["explanations", name] = measure
    values: dict[str, Any] = {}
    names = metric_names(figures, [ending for _, ending in _ENDS])
    for name, figure in zip(names, figures.values(), strict=True):
        values |= {f"{name}{ending}": figure[key] for key, ending in _ENDS}
    values["checks_failed"] = sum(not check["passed"] for check in metrics["checks"])
    return {name: value for name, value in values.items() if value is not None}


_ENDS = (("value", ""), ("low", "_low"), ("high", "_high"))
