import pytest
import torch

from benchmarks import measure
from benchmarks.cases import EPOCH, EPOCH_WAITING, EXACT, FLOOR, ITERATION, PLAIN, WAITING
from benchmarks.groups import Group
from benchmarks.loader import IterationTimes
from benchmarks.measure import Benchmark
from benchmarks.training import METHODS

BENCHMARK = Benchmark(1, "wall", torch.device("cpu"))


@pytest.fixture
def no_steps(monkeypatch):
    """Measure nothing in the place of our training steps, which have tests of their own."""
    monkeypatch.setattr(measure, "our_step", lambda *_: lambda: None)


def test_a_training_step_is_measured_beside_a_plain_loop_and_its_floor(monkeypatch):
    monkeypatch.setattr(measure, "has_hardware", lambda dtype, device: False)
    rows = list(BENCHMARK.measure(Group("training", "std", "squeezenet1_1", 32, 2)))
    assert {row["case"] for row in rows} == {EXACT, PLAIN, FLOOR}
    assert all(row["seconds"][0] > 0 for row in rows)


@pytest.mark.usefixtures("no_steps")
@pytest.mark.parametrize("present", [True, False])
def test_bfloat16_only_if_the_device_has_it(monkeypatch, present):
    monkeypatch.setattr(measure, "has_hardware", lambda dtype, device: present)
    rows = list(BENCHMARK.measure(Group("training", "std", "squeezenet1_1", 32, 2)))
    assert ("ours, bfloat16" in {row["case"] for row in rows}) is present
    assert {(row["part"], row["method"], row["network"]) for row in rows} == {("training", "std", "squeezenet1_1")}


def test_first_iteration_counts_for_the_epoch_alone(monkeypatch):
    times = IterationTimes()
    times.waiting, times.iteration = [5.0, 1.0, 2.0], [15.0, 10.0, 20.0]
    monkeypatch.setattr(measure, "train_an_epoch", lambda group, device: times)
    rows = BENCHMARK.measure(Group("loader", "at", "squeezenet1_0", 32, 2))
    assert {row["case"]: row["seconds"] for row in rows} == {
        WAITING: [1.0, 2.0],
        ITERATION: [10.0, 20.0],
        EPOCH_WAITING: [8.0],
        EPOCH: [45.0],
    }


@pytest.mark.usefixtures("no_steps")
def test_methods_are_compared_in_one_group(monkeypatch):
    assert {"std", "at", "trades"} < set(METHODS)
    monkeypatch.setattr(measure, "METHODS", ("std", "at", "trades"))
    rows = list(BENCHMARK.measure(Group("methods", "", "squeezenet1_1", 32, 2)))
    assert [row["case"] for row in rows] == [
        "std",
        "at",
        "trades",
        "dpaat, continued",
        "dpaat, rescaled",
        "dpaat, checkpointed",
    ]
