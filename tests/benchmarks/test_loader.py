import torch
from ignite.engine import Engine, Events

from benchmarks import loader
from benchmarks.groups import Group
from benchmarks.loader import IterationTimes, train_an_epoch

CPU = torch.device("cpu")


def test_waiting_and_computing_are_told_apart(monkeypatch):
    now = 100.0

    def work(seconds):
        nonlocal now
        now += seconds

    def batches():
        for seconds in (5.0, 1.0, 2.0):
            work(seconds)
            yield seconds

    trainer = Engine(lambda engine, batch: work(10.0))
    # Handlers compute, too.
    trainer.add_event_handler(Events.ITERATION_STARTED, lambda: work(20.0))
    trainer.add_event_handler(Events.ITERATION_COMPLETED, lambda: work(40.0))
    trainer.add_event_handler(Events.EPOCH_STARTED, lambda: work(1000.0))
    trainer.add_event_handler(Events.EPOCH_COMPLETED, lambda: work(1000.0))
    times = IterationTimes()
    times.attach(trainer)
    monkeypatch.setattr(loader, "timer", lambda: now)
    trainer.run(batches(), max_epochs=1, epoch_length=3)
    assert times.waiting == [5.0, 1.0, 2.0]
    assert times.iteration == [75.0, 71.0, 72.0]


def test_training_by_the_config_is_timed(capsys):
    times = train_an_epoch(Group("loader", "std", "squeezenet1_0", 32, 4), CPU)
    # Eleven images per class, eight of which are for training.
    assert len(times.waiting) == len(times.iteration) == 6
    assert all(0 < waiting < iteration for waiting, iteration in zip(times.waiting, times.iteration, strict=True))
    assert not capsys.readouterr().out
