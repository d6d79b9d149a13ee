import csv
import time

import pytest
from ignite.engine import Events

from custom.handlers import EpochTimes


def rows(path):
    with path.open(newline="") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


@pytest.fixture
def clock(monkeypatch):
    """A clock and a CPU that tests move."""
    now = {"seconds": 100.0, "cpu_seconds": 7.0}
    monkeypatch.setattr(time, "perf_counter", lambda: now["seconds"])
    monkeypatch.setattr(time, "process_time", lambda: now["cpu_seconds"])
    return now


def test_the_time_of_training_counts_and_that_of_validation_does_not(tiny_training, clock):
    def tick(trainer):
        clock["seconds"] += 2.0
        clock["cpu_seconds"] += 3.0 * trainer.state.epoch

    def validate():
        clock["seconds"] += 50.0
        clock["cpu_seconds"] += 90.0

    parts = tiny_training(lambda parts: [EpochTimes(str(parts.output_dir))], epochs=2)
    parts.trainer.add_event_handler(Events.ITERATION_COMPLETED(once=1), tick)
    parts.trainer.add_event_handler(Events.EPOCH_COMPLETED, validate)
    parts.trainer.add_event_handler(Events.EPOCH_STARTED, tick)
    parts.trainer.run()
    # A tick belongs to the first epoch's iteration; each epoch's start ticks after the clock has started.
    assert rows(parts.output_dir / "times.csv") == [
        {"epoch": 1, "seconds": 4.0, "cpu_seconds": 6.0},
        {"epoch": 2, "seconds": 2.0, "cpu_seconds": 6.0},
    ]


def test_a_training_that_resumes_keeps_the_times_of_the_epochs_before(tiny_training, clock):
    def handlers(parts):
        return [EpochTimes(str(parts.output_dir))]

    first = tiny_training(handlers, epochs=2)
    first.trainer.run()
    path = first.output_dir / "times.csv"
    path.write_text("epoch,seconds,cpu_seconds\n1,5,8\n2,6,9.5\n3,7,7\n")
    tiny_training(handlers, epochs=3, resume=True).trainer.run()
    assert rows(path) == [
        {"epoch": 1, "seconds": 5, "cpu_seconds": 8},
        {"epoch": 2, "seconds": 6, "cpu_seconds": 9.5},
        {"epoch": 3, "seconds": 0, "cpu_seconds": 0},
    ]
