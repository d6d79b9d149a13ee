import os
from types import SimpleNamespace

import pytest
import torch
from ignite.engine import Engine

from custom.handlers import ResumableCheckpoint
from custom.handlers.checkpoint import save_atomically


def training(folder, scores, resume=False, objects=None):
    """A trainer that adds one to its network's weight in each epoch, and is scored by `scores`."""
    network = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(network.weight)
    evaluator = Engine(lambda engine, batch: None)

    def step(engine, batch):
        with torch.no_grad():
            network.weight.add_(0.5)

    trainer = Engine(step)

    def validate(engine):
        # As MONAI's ValidationHandler does; None stands for an epoch that is not validated.
        if scores[engine.state.epoch - 1] is not None:
            evaluator.state.epoch = engine.state.epoch
            evaluator.state.metrics["score"] = scores[engine.state.epoch - 1]

    trainer.add_event_handler("EPOCH_COMPLETED", validate)
    checkpoint = ResumableCheckpoint(str(folder), {"network": network, **(objects or {})}, evaluator, "score", resume)
    checkpoint.attach(trainer)
    return trainer, network, checkpoint


def weight(path):
    return torch.load(path, weights_only=True)["network"]["weight"].item()


def test_the_last_epoch_and_the_best(tmp_path):
    trainer, _, checkpoint = training(tmp_path, [0.1, 0.9, 0.9, 0.5])
    trainer.run([0, 1], max_epochs=4)
    assert weight(tmp_path / "checkpoint.pt") == 4
    assert weight(tmp_path / "model.pt") == 2
    assert (checkpoint.best_epoch, checkpoint.best_score) == (2, 0.9)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint.pt", "model.pt"]


def test_going_on_keeps_the_epoch_and_the_best(tmp_path):
    training(tmp_path, [0.1, 0.9])[0].run([0, 1], max_epochs=2)
    trainer, network, checkpoint = training(tmp_path, [0.1, 0.9, 0.5, 0.95], resume=True)
    epochs = []
    trainer.add_event_handler("EPOCH_STARTED", lambda engine: epochs.append(engine.state.epoch))
    trainer.run([0, 1], max_epochs=3)
    assert epochs == [3]
    assert network.weight.item() == 3
    assert weight(tmp_path / "model.pt") == 2
    assert checkpoint.best_epoch == 2


def test_killed_in_its_first_epoch_a_training_starts_at_the_beginning_and_says_so(tmp_path, capsys):
    training(tmp_path, [0.1], resume=True)[0].run([0], max_epochs=1)
    assert "No epoch of the training in" in capsys.readouterr().out
    assert weight(tmp_path / "model.pt") == 0.5


def test_an_epoch_without_validation_is_saved_but_never_the_best(tmp_path):
    trainer, _, checkpoint = training(tmp_path, [0.5, None, None, 0.4])
    trainer.run([0, 1], max_epochs=4)
    assert checkpoint.best_epoch == 1
    assert (weight(tmp_path / "model.pt"), weight(tmp_path / "checkpoint.pt")) == (1, 4)


def test_another_training_s_checkpoint(tmp_path):
    training(tmp_path, [0.1])[0].run([0], max_epochs=1)
    with pytest.raises(ValueError, match="made with 1 iterations per epoch, this training has 2"):
        training(tmp_path, [0.1] * 2, resume=True)[0].run([0, 1], max_epochs=2)
    extra = {"optimizer": torch.optim.SGD([torch.zeros(1, requires_grad=True)], 0.1)}
    with pytest.raises(ValueError, match=r"holds \['network'\], but this training would resume with"):
        training(tmp_path, [0.1] * 2, resume=True, objects=extra)[0].run([0], max_epochs=2)


def test_another_network(tmp_path):
    training(tmp_path, [0.1])[0].run([0], max_epochs=1)
    trainer, _, checkpoint = training(tmp_path, [0.1] * 2, resume=True)
    checkpoint.objects["network"] = torch.nn.Linear(2, 2)
    with pytest.raises(ValueError, match=r"checkpoint\.pt does not fit this training's network"):
        trainer.run([0], max_epochs=2)


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "model.pt"
    save_atomically({"network": {"weight": torch.tensor(1.0)}}, path)

    def disk_full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", disk_full)
    with pytest.raises(OSError, match=r"Cannot write .*model\.pt: No space left on device; .* unchanged"):
        save_atomically({"network": {"weight": torch.tensor(2.0)}}, path)
    assert weight(path) == 1
    assert list(tmp_path.iterdir()) == [path]


def test_there_must_be_a_network(tmp_path):
    with pytest.raises(ValueError, match=r"must be called 'network'; there are \['model'\]"):
        ResumableCheckpoint(str(tmp_path), {"model": torch.nn.Linear(1, 1)}, Engine(lambda e, b: None), "score")


def test_space_is_checked_before_the_first_epoch(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=39))
    # One weight of four bytes, ten times.
    with pytest.raises(OSError, match=r"Not enough space in .*: its files take up to 0 MiB, and 0 MiB are free"):
        training(tmp_path, [0.1])[0].run([0], max_epochs=1)
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=40))
    training(tmp_path, [0.1])[0].run([0], max_epochs=1)
