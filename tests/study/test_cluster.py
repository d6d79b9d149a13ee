"""The order of runs, and how many are given to Ray at once."""

import pytest

from custom.study import cluster
from custom.study.cluster import Resources, Result, run_on_ray
from custom.study.execution import Place
from custom.study.planned_run import Outcome, PlannedRun


@pytest.mark.parametrize(
    ("found", "resources", "runs"),
    [
        ({"CPU": 2.0, "memory": 1e9}, Resources(), 2),
        ({"CPU": 16.0, "GPU": 1.0}, Resources(run_cpus=4), 4),
        ({"CPU": 16.0, "GPU": 1.0}, Resources(run_cpus=4, run_gpus=0.5), 2),
        ({"CPU": 16.0, "memory": 8e9}, Resources(run_memory=int(3e9)), 2),
        ({"CPU": 2.0}, Resources(run_gpus=1), 1),
    ],
)
def test_as_many_runs_at_once_as_fit(found, resources, runs):
    assert cluster._at_once(found, resources) == runs


def planned(arm, **settings):
    return PlannedRun(
        "group", arm, 0, {"seed": 0, "method": arm, "backbone": "none", "image_size": 8, **settings}, "", ""
    )


@pytest.mark.slow
def test_a_run_that_needs_another_keeps_its_place(tmp_path, monkeypatch):
    pytest.importorskip("ray", reason="Ray is not installed (requirements-study.txt)")
    standard = planned("std")
    runs = [standard, planned("at"), planned("amat", xi=Outcome(standard, "xi")), planned("sat"), planned("dpaat")]
    started = tmp_path / "started"

    def attempt(run, *_):
        with started.open("a") as file:
            file.write(f"{run.arm}\n")
        return Result(run, {})

    monkeypatch.setattr(cluster, "attempt", attempt)
    place = Place(tmp_path, tmp_path, tmp_path)
    results = run_on_ray(runs, place, {}, "order", Resources(cpus=1), lambda _: None, interval=0.1)
    assert [result.run.arm for result in results] == started.read_text().split() == [run.arm for run in runs]
