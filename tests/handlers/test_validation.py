from types import SimpleNamespace

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


class Averaging:
    """An average whose weights are as good as its score."""

    def __init__(self, scores, follows_validation=False):
        self.network, self.chosen, self.seen = scores, None, []
        self.follows_validation, self.started = follows_validation, not follows_validation

    def validated(self, engine, metrics):
        self.seen.append(metrics["score"])
        self.started = self.started or metrics["score"] > 0.5


class Validator:
    """A "network" is a list of scores, one for each epoch."""

    def __init__(self, network):
        self.network, self.state, self.runs = network, SimpleNamespace(metrics={}), 0

    def run(self, epoch):
        self.runs += 1
        self.state.metrics.update(score=self.network[epoch - 1], half=self.network[epoch - 1] / 2, table=[1, 2])


def validate(raw, averaged, epochs, weights="both", **options):
    averaging, validator = Averaging(averaged, **options), Validator(raw)
    handler = ValidationAfterEpochs(1, averaging=averaging, score_name="score", weights=weights)
    handler.validator = validator
    trainer, found = Engine(lambda engine, batch: None), []
    handler.attach(trainer)
    trainer.add_event_handler("EPOCH_COMPLETED", lambda _: found.append((averaging.chosen, validator.state.metrics)))
    trainer.run([0], max_epochs=epochs)
    assert validator.network is raw
    return found, averaging, validator


def test_the_better_of_raw_and_averaged_weights_counts_and_both_are_noted():
    found, averaging, validator = validate([0.5, 0.8, 0.7], [0.6, 0.75, 0.7], 3)
    assert [chosen for chosen, _ in found] == [True, False, True]  # on a tie the average
    assert averaging.seen == [0.5, 0.8, 0.7]
    assert validator.runs == 6
    assert found[1][1] == {
        "score": 0.8,
        "half": 0.4,
        "table": [1, 2],
        "score_raw": 0.8,
        "half_raw": 0.4,
        "score_averaged": 0.75,
        "half_averaged": 0.375,
        "val_is_averaged": 0.0,
    }


def test_the_average_alone_takes_one_validation():
    found, averaging, validator = validate([0.9], [0.6], 1, weights="averaged")
    assert validator.runs == 1
    assert found == [(True, {"score": 0.6, "half": 0.3, "table": [1, 2], "val_is_averaged": 1.0})]
    assert averaging.seen == []


def test_an_average_that_has_not_started_is_not_validated():
    # It waits for a score above 0.5, and gets the validation of the raw weights even if only the average is wanted.
    found, _, validator = validate([0.5, 0.6], [0.9, 0.9], 2, weights="averaged", follows_validation=True)
    assert found[0] == (False, {"score": 0.5, "half": 0.25, "table": [1, 2], "val_is_averaged": 0.0})
    assert found[1][0]
    assert validator.runs == 3


def test_unknown_weights():
    with pytest.raises(ValueError, match="validated_weights must be 'both' or 'averaged', not 'raw'"):
        ValidationAfterEpochs(1, weights="raw")
