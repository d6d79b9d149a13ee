"""A study on Ray whose worker and driver are killed: nothing is lost, nothing repeated."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from custom.study import read_grid, read_records
from custom.study.execution import Place, execute
from custom.study.record import record_path
from tests.study.tiny import write_grid

pytestmark = pytest.mark.slow
PATIENCE = 900


@pytest.fixture
def study(tmp_path, synthetic_data, root):
    pytest.importorskip("ray", reason="Ray is not installed (requirements-study.txt)")
    path = write_grid(tmp_path / "tiny.json", synthetic_data.name)
    grid = read_grid(path, synthetic_data.parent)
    words = [sys.executable, str(root / "scripts" / "study.py"), str(path), "--data", str(synthetic_data.parent)]
    words += ["--output", str(tmp_path / "out"), "--cpus", "1"]
    return grid, Place(tmp_path / "out", tmp_path / "out" / "records", synthetic_data.parent), words


def start(words, log):
    with log.open("ab") as file:
        return subprocess.Popen(words, stdout=file, stderr=file)


def wait_for(condition, process, log):
    end = time.time() + PATIENCE
    while not (found := condition()):
        assert time.time() < end, log.read_text()
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    return found


def epochs(place, run):
    history = place.folder(run) / "history.csv"
    return len(history.read_text().splitlines()) - 1 if history.is_file() else 0


def training(run):
    """Process and parent of a run's training; ``None`` if there is none."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_bytes().split(b"\0")
            if b"training" in words and any(run.name.encode() in word for word in words):
                parent = (path / "stat").read_text().rpartition(")")[2].split()[1]
                return int(path.name), int(parent)
        except OSError:
            continue
    return None


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_killed_worker_killed_driver_and_a_failing_run(study, tmp_path):
    grid, place, words = study
    std, amat, broken = grid.runs
    log = tmp_path / "log"

    driver = start(words, log)
    process, worker = wait_for(lambda: epochs(place, std) >= 2 and training(std), driver, log)
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: not Path("/proc", str(process)).exists(), driver, log)
    wait_for(lambda: record_path(place.records, std).is_file(), driver, log)
    finished = record_path(place.records, std).stat().st_mtime_ns
    wait_for(lambda: epochs(place, amat) >= 2 and training(amat), driver, log)
    os.kill(driver.pid, signal.SIGKILL)
    driver.wait()
    end = time.time() + 60
    while training(amat) and time.time() < end:
        time.sleep(0.1)
    assert training(amat) is None

    again = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert again.returncode == 1, again.stderr
    assert "Runs finished before: 1; now: 1; failed: 1." in again.stdout
    assert "g / broken / seed 0: failed: error: mean_over must be one of batch, epoch, not 'week'." in again.stderr
    assert record_path(place.records, std).stat().st_mtime_ns == finished
    for run in (std, amat):
        assert "--resume True" in place.log(run).read_text()

    # Not interrupted, and not on Ray: the same weights and predictions.
    calm = Place(tmp_path / "calm", tmp_path / "calm-records", place.data, mlflow=False)
    records = read_records(place.records)
    for run in (std, amat):
        expected = execute(run, calm, grid.evaluation, "calm")
        for key in ("network_sha256", "clean", "attacks", "worst_case", "curve", "history", "measures"):
            assert records[run.hash][key] == expected[key], key

    parent = json.loads((place.output / "mlflow_study.json").read_text())["run_id"]
    from custom.tracking import open_experiment, recorded_run

    client = open_experiment(place.output / "runs", "study-tiny").client
    child = client.get_run(recorded_run(place.folder(amat)))
    assert child.data.tags["mlflow.parentRunId"] == parent
    assert child.data.metrics["test_accuracy"] == records[amat.hash]["clean"]["metrics"]["accuracy"]
    assert client.get_run(parent).info.status == "FAILED"
    assert broken.hash not in records


def test_a_wrong_grid_starts_nothing(tmp_path, root):
    path = tmp_path / "grid.json"
    path.write_text('{"name": "x", "groups": {}, "order": []}')
    words = [sys.executable, str(root / "scripts" / "study.py"), str(path), "--output", str(tmp_path / "out")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1
    assert done.stderr.strip() == f"study.py: {path}: 'groups' must not be missing or empty."
    assert not (tmp_path / "out").exists()
