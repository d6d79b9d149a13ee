import math
import warnings

import pytest
from ignite.engine import Engine

from custom.handlers import ChanceWarning


def run(**metrics):
    engine = Engine(lambda engine, batch: None)
    engine.add_event_handler("EPOCH_COMPLETED", lambda engine: engine.state.metrics.update(metrics))
    ChanceWarning(num_classes=3).attach(engine)
    engine.run([0], max_epochs=1)


@pytest.mark.parametrize("metrics", [{"loss_clean": math.log(3)}, {"loss_clean": 0.5, "loss_adversarial": 1.0987}])
def test_a_loss_of_guessing_is_warned_of(metrics):
    with pytest.warns(UserWarning, match=r"Epoch 1: the cross-entropy is 1\.098., that of guessing"):
        run(**metrics)


@pytest.mark.parametrize("metrics", [{"loss_clean": 1.05}, {"loss_clean": math.log(3), "loss_adversarial": 1.2}, {}])
def test_any_other_is_not(metrics):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(**metrics)
