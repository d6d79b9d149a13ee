"""Carrying out runs: what is finished is not repeated, and a failure is told."""

import json
import sys
from dataclasses import replace

import pytest

from custom.study import execution, read_grid
from custom.study.cluster import Result, attempt
from custom.study.execution import Place, RunFailedError, execute
from custom.study.record import record_path
from tests.study.tiny import write_grid


@pytest.fixture
def grid(tmp_path):
    return read_grid(write_grid(tmp_path / "grid.json", "d"), tmp_path, hash_data=False)


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path / "out", tmp_path / "records", tmp_path, mlflow=False)


def finish(place, run, **parts):
    path = record_path(place.records, run)
    path.parent.mkdir(exist_ok=True)
    record = {"schema": 1, "hash": run.hash, "measures": {"xi": 1.25}, "clean": {}, "autoattack": None, **parts}
    path.write_text(json.dumps(record))
    return record


def test_a_finished_run_starts_no_program(grid, place, monkeypatch):
    monkeypatch.setattr(execution, "_program", lambda *_: pytest.fail("started a program"))
    record = finish(place, grid.runs[0])
    assert execute(grid.runs[0], place, {}, "e") == record


def test_a_record_without_the_evaluation_asked_for_is_not_finished(grid, place):
    run = grid.runs[0]
    record = finish(place, run)
    del record["clean"]
    record_path(place.records, run).write_text(json.dumps(record))
    assert execution.read_record(place.records, run) is None


def test_a_training_gets_what_it_needs_of_another_run(grid, place, monkeypatch):
    std, amat = grid.runs[:2]
    finish(place, std)
    started = []

    def program(run, place, words, *_):
        started.append(words)
        raise RunFailedError("enough")

    monkeypatch.setattr(execution, "_program", program)
    with pytest.raises(RunFailedError):
        execute(amat, place, {}, "e")
    settings = json.loads((place.output / "settings" / f"{amat.name}.json").read_text())
    assert settings["xi"] == 1.25
    assert "--resume" not in started[0]


def test_a_training_that_began_resumes(grid, place, monkeypatch):
    run, started = grid.runs[0], []
    place.folder(run).mkdir(parents=True)
    (place.folder(run) / "config.json").touch()

    def program(run, place, words, *_):
        started.append(list(words))
        raise RunFailedError("enough")

    monkeypatch.setattr(execution, "_program", program)
    with pytest.raises(RunFailedError):
        execute(run, place, {}, "e")
    assert started[0][started[0].index("--resume") + 1] == "True"


def test_a_program_that_fails_is_told_by_its_last_line(grid, place):
    words = ["-c", "import sys; print('first'); sys.exit('no such thing')"]
    with pytest.raises(RunFailedError, match=r"no such thing \(exit code 1; see .*\.log\)"):
        execution._program(grid.runs[0], place, words)


def test_a_run_that_needs_a_failed_one_is_not_begun(grid, place):
    std, amat = grid.runs[:2]
    result = attempt(amat, place, {}, "e", Result(std, None, "broken"))
    assert result.error == "it needs g / STD / seed 0, which failed"


def test_an_unexpected_error_does_not_end_the_study(grid, place, monkeypatch):
    monkeypatch.setattr(execution, "read_record", lambda *_: 1 / 0)
    assert "ZeroDivisionError" in attempt(grid.runs[0], place, {}, "e").error


@pytest.mark.skipif(sys.platform != "linux", reason="scheduling classes of Linux")
def test_an_idle_program_is_in_the_idle_class(grid, place):
    words = ["-c", "import os, sys; sys.exit(os.sched_getscheduler(0) != os.SCHED_IDLE)"]
    execution._program(grid.runs[0], replace(place, idle=True), words)
    with pytest.raises(RunFailedError):
        execution._program(grid.runs[0], place, words)


def test_autoattack_comes_after_the_attacks_of_the_grid(grid, place, monkeypatch):
    run = replace(grid.runs[0], autoattack=True)
    place.folder(run).mkdir(parents=True)
    monkeypatch.setattr(execution, "_program", lambda *_: 1.0)
    execution._evaluate(run, place, {"attacks": ["pgd20"]}, place.data, "evaluation")
    settings = json.loads((place.output / "settings" / f"{run.name}-evaluation.json").read_text())
    assert settings["attacks"] == ["pgd20", "autoattack_on_survivors"]
    execution._evaluate(run, place, {}, place.data, "evaluation")
    settings = json.loads((place.output / "settings" / f"{run.name}-evaluation.json").read_text())
    assert settings["attacks"][0] == "clean"
    assert settings["attacks"][-2:] == ["strong_l2", "autoattack_on_survivors"]
