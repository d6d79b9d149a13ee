"""The record of a finished run: everything that a report needs of it, in a small file."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from custom.files import write_atomically
from custom.files.read_json import read_json
from custom.metrics import CLEAN_KEY, AttackKey, Predictions, read_metrics, read_predictions, worst_case_correct
from custom.runs.names import HISTORY_NAME, TIMES_NAME
from custom.study.packed import digits, pack
from custom.study.planned_run import PlannedRun
from custom.study.training_version import TRAINING_VERSION
from custom.versions import present_commit

RECORD_SCHEMA = 1
COST_NAME = "cost.json"
TEST_SETS = "test_sets"
"""Folder of the test sets' labels and lesions, in a folder of records."""

AUTOATTACK = "autoattack_on_survivors"


def record_path(folder: Path, run: PlannedRun) -> Path:
    """The file of a run's record in a folder of records."""
    return folder / f"{run.name}.json"


def read_record(folder: Path, run: PlannedRun) -> dict[str, Any] | None:
    """The record of a run; ``None`` if it was not finished, or lacks an evaluation that the run asks for.

    Args:
        folder: of records.
        run: the run.

    Raises:
        ValueError: if the record is damaged.
    """
    path = record_path(folder, run)
    if not path.is_file():
        return None
    record = _read(path)
    unfinished = (run.evaluated and "clean" not in record) or (run.autoattack and not record.get("autoattack"))
    return None if unfinished else record


def read_records(folder: Path) -> dict[str, dict[str, Any]]:
    """All records of a folder, by the hashes of their runs.

    Args:
        folder: of records.

    Raises:
        FileNotFoundError: if there is none.
        ValueError: if one is damaged.
    """
    records = [_read(path) for path in sorted(folder.glob("*.json"))] if folder.is_dir() else []
    if not records:
        raise FileNotFoundError(f"No records found in {folder}; pass the folder of a study's records.")
    return {record["hash"]: record for record in records}


def read_test_set(folder: Path, sha256: str) -> dict[str, Any]:
    """The labels and lesions of the test images that a record is of.

    Args:
        folder: of records.
        sha256: the hash of the data set that the record names.
    """
    return _read_any(folder / TEST_SETS / f"{sha256[:16]}.json")


def training_record(
    run: PlannedRun, folder: Path, settings: Mapping[str, Any], provided: Mapping[str, float]
) -> dict[str, Any]:
    """The part of a record that follows from the training.

    Args:
        run: the run.
        folder: of its training.
        settings: what it was trained with.
        provided: what it provides to other runs.

    Returns:
        The record, as JSON can hold it.
    """
    history = read_history(folder / HISTORY_NAME)
    return {
        "schema": RECORD_SCHEMA,
        "hash": run.hash,
        "training_version": TRAINING_VERSION,
        "settings": dict(settings),
        "data": run.data,
        "data_sha256": run.data_sha256,
        "commit": present_commit(),
        "versions": {name: version(name) for name in ("torch", "monai")},
        "history": history,
        "times": read_history(folder / TIMES_NAME) if (folder / TIMES_NAME).is_file() else None,
        "measures": {**provided, "epsilon_scale": mean_radius(history, settings) / float(settings["epsilon"])},
    }


def evaluation_record(run: PlannedRun, evaluation: Path) -> dict[str, Any]:
    """The part of a record that follows from an evaluation.

    The images are numbered in the order of their names, and the record names none. The test set's labels and lesions
    (numbers, too) are in a file of their own, see `write_test_set`.

    Args:
        run: the run.
        evaluation: folder of its evaluation.
    """
    metrics, predictions = read_metrics(evaluation), read_predictions(evaluation)
    radius = float(run.settings["epsilon"])
    clean = predictions.pop(CLEAN_KEY)
    standard = {key: value for key, value in predictions.items() if key.attack != AUTOATTACK}
    explanations = (metrics["explanations"] or {}).get("measures", {})
    return {
        "network_sha256": metrics["model"]["weights_sha256"],
        "clean": _described(CLEAN_KEY, clean, metrics["clean"]),
        "attacks": [_described(key, value, _metrics_of(metrics, key)) for key, value in standard.items()],
        "worst_case": {
            str(factor): digits(worst_case_correct(clean, standard.values(), "l2", factor * radius))
            for factor in (1, 2)
        },
        "autoattack": digits(worst_case_correct(clean, predictions.values(), "l2", radius))
        if len(standard) < len(predictions)
        else None,
        "curve": _curve(metrics, evaluation),
        "explanations": {
            name: {key: value[key] for key in ("value", "images")} for name, value in explanations.items()
        },
    }


def write_test_set(folder: Path, data: str, data_sha256: str, evaluation: Path) -> None:
    """Write the labels and lesions of test images, if no run has done so.

    Args:
        folder: of records.
        data: name of the data set.
        data_sha256: its hash.
        evaluation: folder of an evaluation on it.
    """
    path = folder / TEST_SETS / f"{data_sha256[:16]}.json"
    if path.is_file():
        return
    clean = read_predictions(evaluation)[CLEAN_KEY]
    lesions = np.unique(clean.lesion_ids, return_inverse=True)[1]
    content = {
        "data": data,
        "classes": read_metrics(evaluation)["classes"],
        "labels": digits(clean.labels),
        "lesions": lesions.tolist(),
    }
    write_atomically(path, (json.dumps(content) + "\n").encode())


def read_history(path: Path) -> dict[str, list[float | None]]:
    """The columns of a training's ``history.csv``, four significant digits each."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: [_number(row[name]) for row in rows] for name in rows[0]}


def mean_radius(history: Mapping[str, list[float | None]], settings: Mapping[str, Any]) -> float:
    """Mean radius of a training's epochs after the warm-up; the preset one if the method adapts none."""
    column = history.get("epsilon_mean")
    if column is None:
        return float(settings["epsilon"]) * float(settings["epsilon_scale"])
    known = [value for value in column[int(settings["warm_up_epochs"]) :] if value is not None]
    return float(np.mean(known))


def read_cost(folder: Path) -> dict[str, Any]:
    """What the programs of a run have cost so far, as ``cost.json`` in the run's folder has it."""
    path = folder / COST_NAME
    return read_json(path) if path.is_file() else {"attempts": []}


def cost(folder: Path) -> dict[str, float | None]:
    """CPU seconds of an epoch (of the attempts that finished, their start included), and of the evaluation."""
    content = read_cost(folder)
    counted = [attempt for attempt in content["attempts"] if attempt["epochs"]]
    epochs = sum(attempt["epochs"] for attempt in counted)
    seconds = sum(attempt["cpu_seconds"] for attempt in counted)
    return {
        "cpu_seconds_per_epoch": round(seconds / epochs, 1) if epochs else None,
        "evaluation_cpu_seconds": round(content.get("evaluation_cpu_seconds", 0.0), 1) or None,
    }


def _number(text: str) -> float | None:
    if not text or not math.isfinite(float(text)):
        return None
    value = float(f"{float(text):.4g}")
    return int(value) if value.is_integer() else value


def _described(key: AttackKey, predictions: Predictions, metrics: Mapping[str, Any]) -> dict[str, Any]:
    figures = metrics["images"]
    described = {
        "attack": key.attack,
        "norm": key.norm,
        "epsilon": key.epsilon,
        "predicted": digits(predictions.probabilities.argmax(axis=1)),
        "metrics": {
            name: figures[name]["value"]
            for name in ("accuracy", "average_precision", "precision", "recall", "f1")
            if name in figures
        },
    }
    if key.attack in ("clean", "pgd20"):
        described["probabilities"] = pack(predictions.probabilities)
    return described


def _metrics_of(metrics: Mapping[str, Any], key: AttackKey) -> dict[str, Any]:
    for record in metrics["radii"]:
        if key == AttackKey(record["attack"], record["norm"], record["epsilon"]):
            return dict(record)
    return dict(metrics["attacks"][key.attack])


def _curve(metrics: Mapping[str, Any], evaluation: Path) -> dict[str, Any] | None:
    """Radii, and for each image how many of them, from 0 on, it withstands."""
    curves = [curve for curve in metrics["curves"] if curve["norm"] == "l2"]
    if not curves:
        return None
    with (evaluation / "predictions.csv").open(newline="", encoding="utf-8") as file:
        ids = [row["image_id"] for row in csv.DictReader(file) if row["attack"] == "clean"]
    withstood = np.array(curves[0]["withstood"])[np.argsort(np.array(ids), kind="stable")]
    return {"epsilons": [point["epsilon"] for point in curves[0]["points"]], "withstood": digits(withstood)}


def _read(path: Path) -> dict[str, Any]:
    record = _read_any(path)
    if record.get("schema") != RECORD_SCHEMA:
        raise ValueError(f"{path} is no record of this version; move it away.")
    return record


def _read_any(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise FileNotFoundError(f"No {path} found; it belongs to the records of a study.")
    return read_json(path, "move it away")
