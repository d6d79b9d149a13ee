import re

import pytest
from ignite.engine import Events

from custom.handlers import TrainingProgress


@pytest.fixture
def progress(tiny_training):
    def make(**options):
        parts = tiny_training(lambda parts: [TrainingProgress(parts.evaluator, parts.checkpoint)], **options)
        parts.progress = TrainingProgress(parts.evaluator, parts.checkpoint)
        return parts

    return make


def test_a_line_an_epoch_and_a_last_sentence(progress, capsys):
    parts = progress()
    parts.trainer.run()
    lines = capsys.readouterr().out.splitlines()
    lines = [line for line in lines if "INFO" not in line]
    pattern = r"epoch {}/2, training \d+\.\d%, clean \d+\.\d%, \d+ s left(, best so far)?"
    assert re.fullmatch(pattern.format(1), lines[0])
    assert lines[0].endswith("best so far")
    assert re.fullmatch(pattern.format(2), lines[1])
    model = parts.output_dir / "model.pt"
    best = f"the weights of the best one, epoch {parts.checkpoint.best_epoch}"
    assert lines[2:] == [f"Trained for 2 epochs: {best}, are {model}, with the learning curves beside."]


def test_early_stopping_is_told(progress, capsys):
    parts = progress(epochs=9)
    parts.trainer.add_event_handler(Events.EPOCH_COMPLETED(once=1), lambda: parts.trainer.terminate())
    parts.trainer.run()
    assert "Trained for 1 of 9 epochs, as validation stopped improving" in capsys.readouterr().out


def test_line_has_what_there_is(progress):
    parts = progress()
    state = parts.trainer.state
    state.epoch, state.max_epochs = 3, 10
    state.metrics = {"loss": 0.51234, "train_accuracy": 0.5, "epsilon_mean": 0.2987}
    parts.evaluator.state.metrics = {"val_accuracy_clean": 0.75, "val_accuracy_attacked": 0.25}
    parts.evaluator.state.epoch = 3
    parts.checkpoint.best_epoch = 2
    line = parts.progress.line(parts.trainer, seconds=60.0)
    assert line == ("epoch 3/10, loss 0.5123, training 50.0%, clean 75.0%, attacked 25.0%, epsilon 0.299, 7 min left")
    # Numbers of an earlier validation are not passed off as this epoch's.
    parts.evaluator.state.epoch = 2
    parts.checkpoint.best_epoch = 3
    expected = "epoch 3/10, loss 0.5123, training 50.0%, epsilon 0.299, 14 s left, best so far"
    assert parts.progress.line(parts.trainer, seconds=2.0) == expected


def test_no_bar_in_a_log_file_but_one_on_a_terminal(tiny_training, capsys, monkeypatch):
    parts = tiny_training(lambda parts: [TrainingProgress(parts.evaluator, parts.checkpoint)])
    parts.trainer.run()
    assert "Epoch [" not in capsys.readouterr().err
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    parts = tiny_training(lambda parts: [TrainingProgress(parts.evaluator, parts.checkpoint)])
    parts.trainer.run()
    shown = capsys.readouterr().err
    assert "Epoch [1/2]" in shown
    assert re.search(r"loss=\d\.\d{3}, accuracy=\d+\.\d%", shown)
