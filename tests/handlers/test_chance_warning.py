import warnings

import pytest
from ignite.engine import Engine

from custom.handlers import ChanceWarning


def train(accuracies, num_classes=3):
    evaluator, trainer = Engine(lambda engine, batch: None), Engine(lambda engine, batch: None)

    def validate(engine):
        evaluator.state.epoch = engine.state.epoch
        evaluator.state.metrics["val_balanced_accuracy"] = accuracies[engine.state.epoch - 1]

    trainer.add_event_handler("EPOCH_COMPLETED", validate)
    ChanceWarning(evaluator, num_classes).attach(trainer)
    trainer.run([0], max_epochs=len(accuracies))


def test_a_network_that_never_leaves_chance():
    with pytest.warns(UserWarning, match=r"no better than guessing .* is 34\.0%, and a constant answer gets 33\.3%"):
        train([1 / 3, 0.34, 1 / 3])


def test_a_network_that_learns_late_is_not_warned_of():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        train([1 / 3, 1 / 3, 0.5, 1 / 3])


def test_a_constant_answer_among_rare_classes_is_chance():
    # 95 % of the images are of one class: accuracy 0.95, balanced accuracy 0.5.
    with pytest.warns(UserWarning, match=r"constant answer gets 50\.0%"):
        train([0.5], num_classes=2)
