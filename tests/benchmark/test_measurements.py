import pytest
import torch

from custom.benchmark import measurements
from custom.benchmark.case import EPOCH, EPOCH_WAITING, ITERATION, WAITING
from custom.benchmark.group import Group
from custom.benchmark.measurements import Benchmark
from custom.benchmark.waiting import IterationTimes

BENCHMARK = Benchmark(1, "wall", torch.device("cpu"))


@pytest.mark.parametrize("present", [True, False])
def test_16_bits_only_where_the_device_has_them(monkeypatch, present):
    monkeypatch.setattr(measurements, "has_hardware", lambda dtype, device: present)
    rows = list(BENCHMARK.measure(Group("training, at", "squeezenet1_0", 32, 2)))
    assert ("ours, bfloat16" in {row.case for row in rows}) is present
    assert {row.group for row in rows} == {Group("training, at", "squeezenet1_0", 32, 2)}


def test_first_iteration_counts_for_the_epoch_alone(monkeypatch):
    times = IterationTimes()
    times.waiting, times.iteration = (5.0, 1.0, 2.0), (15.0, 10.0, 20.0)
    monkeypatch.setattr(measurements, "train_an_epoch", lambda group, device: times)
    rows = BENCHMARK.measure(Group("loader, at", "squeezenet1_0", 32, 2))
    assert {row.case: row.timing.seconds for row in rows} == {
        WAITING: (1.0, 2.0),
        ITERATION: (10.0, 20.0),
        EPOCH_WAITING: (8.0,),
        EPOCH: (45.0,),
    }
