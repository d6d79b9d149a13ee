import pytest
import torch
from ignite.engine import Engine

from custom.handlers import FairWeightAveraging

WORST = "val_worst_recall_attacked"


def averaged(robustness, before=None):
    """The average over epochs in which a weight is 1, 2, 3, ... and the worst class has the accuracies given."""
    network = torch.nn.Linear(1, 1, bias=False)
    averaging = FairWeightAveraging(network, decay=0.75, threshold=0.5)
    if before is not None:
        averaging.load_state_dict(before)

    def step(engine, batch):
        with torch.no_grad():
            network.weight.fill_(batch)

    trainer, found = Engine(step), []
    averaging.attach(trainer)

    def validate(engine):
        averaging.validated(engine, {WORST: robustness[engine.state.iteration - 1]})
        found.append(averaging.network.weight.item())

    trainer.add_event_handler("ITERATION_COMPLETED", validate)
    trainer.run([1.0, 2.0, 3.0, 4.0][: len(robustness)])
    return averaging, found


def test_only_epochs_that_are_robust_enough_count_by_hand():
    _, found = averaged([0.4, 0.5, 0.1, 0.9])
    # Starts as a copy of the second; the third is left out; then 0.75 * 2 + 0.25 * 4.
    assert found[1:] == [2.0, 2.0, 2.5]
    assert found[0] != 1.0


def test_the_start_is_in_the_checkpoint():
    averaging, _ = averaged([0.5])
    _, found = averaged([0.9, 0.9], before=averaging.state_dict())
    # 1 from before, 0.75 * 1 + 0.25 * 1, then 0.75 * 1 + 0.25 * 2.
    assert found == [1.0, 1.25]


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan")])
def test_a_threshold_out_of_range(threshold):
    with pytest.raises(ValueError, match=r"threshold must be in \[0, 1\]"):
        FairWeightAveraging(torch.nn.Linear(1, 1), 0.5, threshold)
