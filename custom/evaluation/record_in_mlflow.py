"""The folder of an evaluation as an MLflow run."""

from __future__ import annotations

import json
import logging
import os
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Metric, Param
from mlflow.exceptions import MlflowException

from custom.evaluation.result_folder import PARTS


def record_in_mlflow(folder: str | Path, database: str | Path, experiment_name: str = "robust-classification") -> str:
    """Record a finished evaluation in MLflow, in a run of its own that is begun and ended here.

    Recorded are the parameters of the evaluation and of each attack, all metrics (``pgd20/accuracy``,
    ``pgd20/accuracy_low``, ``pgd20/rounded/accuracy``, and for an attack at a radius of a grid
    ``pgd20/0.1/accuracy``), and all files but those that an interrupted evaluation goes on from.

    Args:
        folder: the evaluation's folder.
        database: SQLite file to record in, unless ``MLFLOW_TRACKING_URI`` names another place.
        experiment_name: name of the MLflow experiment.

    Returns:
        The run's id.

    Raises:
        ConnectionError: if MLflow cannot record there; the folder is not touched.
    """
    folder = Path(folder)
    summary = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    # A database's first use is announced line by line, and an absent server is asked for minutes.
    for name in ("alembic", "mlflow"):
        logging.getLogger(name).setLevel(logging.WARNING)
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")
    uri = os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{Path(database).absolute().as_posix()}"
    try:
        Path(database).absolute().parent.mkdir(parents=True, exist_ok=True)
        # A client of its own: MLflow's module-wide tracking URI would stay behind for whatever comes next.
        client = MlflowClient(uri)
        experiment = client.get_experiment_by_name(experiment_name)
        # MLflow's default for a database is a folder where the program was started.
        files = (Path(database).absolute().parent / "mlruns").as_uri() if uri.startswith("sqlite:") else None
        experiment_id = experiment.experiment_id if experiment else client.create_experiment(experiment_name, files)
        run_name = f"evaluation-{time.strftime('%Y%m%d-%H%M%S')}-{uuid.uuid4().hex[:6]}"
        run_id = client.create_run(
            experiment_id, run_name=run_name, tags={"model": summary["model"]["name"]}
        ).info.run_id
        try:
            _log(client, run_id, summary, folder)
        except BaseException:
            client.set_terminated(run_id, "FAILED")
            raise
        client.set_terminated(run_id)
    except (MlflowException, OSError) as error:
        raise ConnectionError(
            f"MLflow cannot record in {uri}: start the server, or correct or unset MLFLOW_TRACKING_URI; the "
            f"results are in {folder} all the same."
        ) from error
    return str(run_id)


def _log(client: MlflowClient, run_id: str, summary: dict[str, Any], folder: Path) -> None:
    parameters = [Param(name, str(value)) for name, value in _parameters(summary).items()]
    metrics = [Metric(name, value, int(time.time() * 1000), 0) for name, value in _metrics(summary).items()]
    # MLflow takes at most a hundred parameters and a thousand metrics at a time.
    for start in range(0, len(parameters), 100):
        client.log_batch(run_id, params=parameters[start : start + 100])
    for start in range(0, len(metrics), 1000):
        client.log_batch(run_id, metrics=metrics[start : start + 1000])
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name != PARTS:
            client.log_artifacts(run_id, str(path), path.name)
        elif path.is_file():
            client.log_artifact(run_id, str(path))


def _parameters(summary: dict[str, Any]) -> dict[str, Any]:
    parameters = {f"model/{name}": value for name, value in summary["model"].items()}
    parameters |= {f"data/{name}": value for name, value in summary["data"].items()}
    for prefix, record in _records(summary):
        parameters |= {f"{prefix}/{name}": value for name, value in record.get("parameters", {}).items()}
    return parameters


def _records(summary: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "clean", summary["clean"]
    yield from summary["attacks"].items()
    for record in summary["radii"]:
        yield f"{record['attack']}/{record['epsilon']:.10g}", record


def _metrics(summary: dict[str, Any]) -> dict[str, float]:
    figures: dict[str, Mapping[str, Any]] = {}
    for prefix, record in _records(summary):
        for kind, part in (("images", ""), ("rounded", "rounded/")):
            figures |= {f"{prefix}/{part}{name}": figure for name, figure in record[kind].items()}
    for number, ball in enumerate(summary["robust_accuracy"]):
        if number == 0:
            figures["robust_accuracy"] = ball
        figures[f"robust_accuracy/{ball['norm']}/{ball['epsilon']:.10g}"] = ball
    for name, measure in (summary.get("explanations") or {}).get("measures", {}).items():
        figures[f"explanations/{name}"] = measure
    metrics: dict[str, Any] = {}
    for name, figure in figures.items():
        metrics |= {name: figure["value"], f"{name}_low": figure["low"], f"{name}_high": figure["high"]}
    metrics["checks_failed"] = sum(not check["passed"] for check in summary["checks"])
    return {name: value for name, value in metrics.items() if value is not None}
