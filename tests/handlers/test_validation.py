import pytest
from ignite.engine import Engine

from custom.handlers import ValidationAfterEpochs


@pytest.mark.parametrize(("interval", "epochs", "expected"), [(2, 5, [2, 4, 5]), (5, 2, [2]), (1, 3, [1, 2, 3])])
def test_every_few_epochs_and_after_the_last(interval, epochs, expected):
    class Validator:
        def __init__(self):
            self.epochs = []

        def run(self, epoch):
            self.epochs.append(epoch)

    handler, validator = ValidationAfterEpochs(interval), Validator()
    handler.validator = validator
    trainer = Engine(lambda engine, batch: None)
    handler.attach(trainer)
    trainer.run([0], max_epochs=epochs)
    assert validator.epochs == expected


def test_an_interval_out_of_range():
    with pytest.raises(ValueError, match="val_interval must be at least 1, not 0"):
        ValidationAfterEpochs(0)
