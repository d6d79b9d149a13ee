import pytest
from ignite.engine import Engine

from custom.handlers import EarlyStopAfterWarmUp


def epochs_run(scores, patience=2, warm_up=0, state=None):
    evaluator, trainer = Engine(lambda engine, batch: None), Engine(lambda engine, batch: None)

    def validate(engine):
        # As MONAI's ValidationHandler does; None stands for an epoch that is not validated.
        if scores[engine.state.epoch - 1] is not None:
            evaluator.state.epoch = engine.state.epoch
            evaluator.state.metrics["score"] = scores[engine.state.epoch - 1]

    trainer.add_event_handler("EPOCH_COMPLETED", validate)
    handler = EarlyStopAfterWarmUp(patience, evaluator, "score", warm_up)
    handler.attach(trainer)
    if state is not None:
        handler.load_state_dict(state)
    trainer.run([0], max_epochs=len(scores))
    return trainer.state.epoch, handler.state_dict()


def test_stops_after_the_patience():
    assert epochs_run([0.5, 0.6, 0.6, 0.5, 0.9])[0] == 4
    assert epochs_run([0.5, 0.6, 0.6, 0.7, 0.6])[0] == 5


def test_the_warm_up_does_not_count():
    assert epochs_run([0.5, 0.4, 0.4, 0.4, 0.6, 0.5, 0.5, 0.9], warm_up=4)[0] == 7


def test_an_epoch_without_validation_does_not_count_against_the_patience():
    assert epochs_run([0.5, None, None, None, 0.4, None, 0.4, 0.9])[0] == 7


def test_its_state_goes_on():
    assert epochs_run([0.5, 0.4])[1] == {"counter": 1, "best_score": 0.5}
    assert epochs_run([0.45, 0.9], state={"counter": 1, "best_score": 0.5})[0] == 1


def test_no_state_before_it_is_attached():
    handler = EarlyStopAfterWarmUp(2, Engine(lambda engine, batch: None), "score")
    with pytest.raises(RuntimeError, match="before it is attached"):
        handler.state_dict()
