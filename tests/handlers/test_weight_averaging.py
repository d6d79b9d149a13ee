import pytest
import torch
from ignite.engine import Engine

from custom.handlers import ResumableCheckpoint, WeightAveraging
from custom.networks import NetworkCard, read_checkpoint


def averaged(decay, epochs, folder=None, resume=False, chosen=True):
    """A weight that grows by one each iteration, from zero."""
    network = torch.nn.Sequential(torch.nn.Linear(1, 1, bias=False), torch.nn.BatchNorm1d(1))
    with torch.no_grad():
        network[0].weight.zero_()
    averaging = WeightAveraging(network, decay)

    def step(engine, batch):
        with torch.no_grad():
            network[0].weight.add_(1)
            network[1].running_mean.add_(1)

    trainer, evaluator = Engine(step), Engine(lambda engine, batch: None)
    averaging.attach(trainer)
    if folder is not None:

        def validate(engine):
            evaluator.state.epoch = engine.state.epoch
            evaluator.state.metrics["score"] = engine.state.epoch
            averaging.chosen = chosen

        trainer.add_event_handler("EPOCH_COMPLETED", validate)
        objects = {"network": network, "weight_averaging": averaging}
        card = NetworkCard(class_names=("a", "b"), image_size=(1, 1))
        ResumableCheckpoint(str(folder), objects, evaluator, "score", resume, card).attach(trainer)
    trainer.run([0, 1], max_epochs=epochs)
    return averaging


def test_by_hand():
    averaging = averaged(0.75, 1)
    # 0.25 * 1 = 0.25, then 0.75 * 0.25 + 0.25 * 2 = 0.6875; the running statistics alike.
    assert averaging.network[0].weight.item() == 0.6875
    assert averaging.network[1].running_mean.item() == 0.6875
    assert not averaging.network.training


@pytest.mark.parametrize("chosen", [True, False])
def test_the_chosen_weights_are_the_best_network_and_the_average_resumes(chosen, tmp_path):
    averaged(0.75, 1, tmp_path, chosen=chosen)
    whole = averaged(0.75, 2)
    resumed = averaged(0.75, 2, tmp_path, resume=True, chosen=chosen)
    assert resumed.network[0].weight.item() == whole.network[0].weight.item()
    saved = read_checkpoint(tmp_path / "model.pt").weights
    assert saved["0.weight"].item() == (whole.network[0].weight.item() if chosen else 4)
    assert torch.load(tmp_path / "checkpoint.pt", weights_only=True)["network"]["0.weight"].item() == 4


@pytest.mark.parametrize("decay", [0, 1, -0.1, float("nan")])
def test_a_decay_out_of_range(decay):
    with pytest.raises(ValueError, match="weight_averaging must be a decay in"):
        WeightAveraging(torch.nn.Linear(1, 1), decay)
