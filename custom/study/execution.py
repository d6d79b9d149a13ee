"""Carry out one run: train, evaluate, explain, and make its record."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from custom.files import write_atomically
from custom.runs.names import CHECKPOINT_NAME, CONFIG_NAME, EVALUATION_NAME, HISTORY_NAME, MODEL_NAME
from custom.study.hashes import data_hash_of
from custom.study.planned_run import PlannedRun
from custom.study.record import (
    AUTOATTACK,
    COST_NAME,
    cost,
    evaluation_record,
    read_cost,
    read_record,
    record_path,
    training_record,
    write_test_set,
)
from custom.study.settings import CONFIGS, read_config

ROOT = CONFIGS.parents[1]
EVALUATION = CONFIGS / "study" / "evaluation.json"
DONE = "training_finished"
EXTERNAL_NAME = "external"
"""Folder of the evaluation on external images, in that of a run."""


class RunFailedError(RuntimeError):
    """One of a run's programs ended with an error."""


@dataclass(frozen=True)
class Place:
    """Where a study's files are.

    Attributes:
        output: folder of everything that is made: ``runs``, ``settings`` and ``logs``.
        records: folder of the records.
        data: folder of the prepared data sets.
        weights: folder of files with initial weights; none if there are none.
        external: a prepared data set whose test images every run is tested on, too; none for no such test.
        mlflow: whether MLflow records the runs.
        idle: whether trainings and evaluations take only the time that no other program wants; on Linux.
    """

    output: Path
    records: Path
    data: Path
    weights: Path | None = None
    external: Path | None = None
    mlflow: bool = True
    idle: bool = False

    def folder(self, run: PlannedRun) -> Path:
        """The folder of a run's training."""
        return self.output / "runs" / run.name

    def log(self, run: PlannedRun) -> Path:
        """The file with what a run's programs print."""
        return self.output / "logs" / f"{run.name}.log"


def execute(run: PlannedRun, place: Place, evaluation: Mapping[str, Any], experiment: str) -> dict[str, Any]:
    """Carry out a run, or what is left of it, and write its record.

    A training that was killed resumes from its last finished epoch, an evaluation with the attack that it was at.

    Args:
        run: the run.
        place: where its files are.
        evaluation: keys that override those of ``evaluate.json``.
        experiment: name of the MLflow experiment.

    Returns:
        The record.

    Raises:
        RunFailedError: if a program fails; the message has its last line.
    """
    known = read_record(place.records, run)
    if known is not None:
        return known
    measures = {outcome.of.hash: read_record(place.records, outcome.of) for outcome in run.needs.values()}
    settings = run.resolved({key: record["measures"] for key, record in measures.items() if record})
    folder = place.folder(run)
    if not (folder / DONE).is_file():
        _train(run, place, settings, experiment)
        (folder / DONE).touch()
    provided = {"xi": _xi(run, place)} if settings["method"] == "std" else {}
    record = training_record(run, folder, settings, provided)
    if run.evaluated:
        _evaluate(run, place, evaluation, place.data / run.data, EVALUATION_NAME)
        record |= evaluation_record(run, folder / EVALUATION_NAME)
        write_test_set(place.records, run.data, run.data_sha256, folder / EVALUATION_NAME)
        if place.external is not None:
            record["external"] = _external(run, place, evaluation, place.external)
    record["cost"] = cost(folder)
    write_atomically(record_path(place.records, run), (json.dumps(record) + "\n").encode())
    return record


def _train(run: PlannedRun, place: Place, settings: Mapping[str, Any], experiment: str) -> None:
    folder = place.folder(run)
    written = dict(settings)
    if place.weights and run.weights_sha256:
        written["weights"] = str((place.weights / str(settings["weights"])).resolve())
    overrides = place.output / "settings" / f"{run.name}.json"
    write_atomically(overrides, json.dumps(written, indent=1).encode())
    begun = (folder / CHECKPOINT_NAME).is_file() or (folder / CONFIG_NAME).is_file()
    before, start = _epochs(folder), time.time()
    cpu = _run(
        run,
        place,
        *("run", "training", "--config_file", f"{CONFIGS / 'train.json'},{overrides}"),
        *("--dataset_dir", str((place.data / run.data).resolve()), "--output_dir", str(folder.resolve())),
        *("--num_workers", "0", "--record", str(place.mlflow), "--experiment_name", experiment),
        *(("--resume", "True") if begun else ()),
    )
    spent = read_cost(folder)
    spent["attempts"].append({"epochs": _epochs(folder) - before, "cpu_seconds": cpu, "seconds": time.time() - start})
    write_atomically(folder / COST_NAME, json.dumps(spent).encode())


def _external(run: PlannedRun, place: Place, evaluation: Mapping[str, Any], data: Path) -> dict[str, Any]:
    """Test a run on images from elsewhere; the part of its record that follows from that."""
    folder, name, sha256 = place.folder(run) / EXTERNAL_NAME, data.resolve().name, data_hash_of(data)
    own = {**evaluation, "explainer": None, "output_dir": str(folder.resolve())}
    _evaluate(replace(run, autoattack=False), place, own, data, EXTERNAL_NAME)
    write_test_set(place.records, name, sha256, folder)
    return {"data": name, "data_sha256": sha256, **evaluation_record(run, folder)}


def _evaluate(run: PlannedRun, place: Place, evaluation: Mapping[str, Any], data: Path, name: str) -> None:
    folder = place.folder(run)
    overrides = place.output / "settings" / f"{run.name}-{name}.json"
    own = dict(evaluation)
    if run.autoattack:
        own["attacks"] = [*own.get("attacks", read_config(EVALUATION)["attacks"]), AUTOATTACK]
    write_atomically(overrides, json.dumps(own, indent=1).encode())
    configs = [folder / CONFIG_NAME, CONFIGS / "evaluate.json", CONFIGS / "explain.json", EVALUATION, overrides]
    cpu = _run(
        run,
        place,
        *("run", "evaluating", "--config_file", ",".join(str(config.resolve()) for config in configs)),
        *("--checkpoint", str((folder / MODEL_NAME).resolve()), "--num_workers", "0"),
        *("--dataset_dir", str(data.resolve()), "--record", "False"),
    )
    spent = read_cost(folder)
    spent[f"{name}_cpu_seconds"] = cpu
    write_atomically(folder / COST_NAME, json.dumps(spent).encode())


def _xi(run: PlannedRun, place: Place) -> float:
    output = place.output / "settings" / f"{run.name}-xi.txt"
    words = [str(ROOT / "scripts" / "compute_xi.py"), "--run", str(place.folder(run).resolve())]
    with output.open("w", encoding="utf-8") as file:
        _program(run, place, words, file.fileno())
    return float(output.read_text(encoding="utf-8"))


def _run(run: PlannedRun, place: Place, *arguments: str) -> float:
    return _program(run, place, ["-m", "custom.bundle", *arguments])


def _program(run: PlannedRun, place: Place, words: Sequence[str], stdout: int | None = None) -> float:
    """Run Python with its output in the run's log; returns the CPU seconds that it took."""
    log = place.log(run)
    log.parent.mkdir(parents=True, exist_ok=True)
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": path, "MLFLOW_DISABLE_TELEMETRY": "true"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with log.open("ab") as file:
        file.write(f"\n$ python {' '.join(words)}\n".encode())
        file.flush()
        process = subprocess.run(
            [sys.executable, *words],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file if stdout is None else stdout,
            stderr=file,
            check=False,
            preexec_fn=partial(_begin, place.idle),
        )
    if process.returncode:
        raise RunFailedError(f"{last_line(log)} (exit code {process.returncode}; see {log})")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _begin(idle: bool) -> None:
    """Let the kernel end a program whose worker was killed, so that no two ever train in one folder."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
        if idle:
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def last_line(log: Path) -> str:
    """The last line of a log that is not empty."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return next((line.strip() for line in reversed(lines) if line.strip()), "no output")


def _epochs(folder: Path) -> int:
    history = folder / HISTORY_NAME
    return max(len(history.read_text(encoding="utf-8").splitlines()) - 1, 0) if history.is_file() else 0
