import copy

import pytest
import torch
from ignite.engine import Engine, Events
from monai.engines import SupervisedTrainer
from monai.handlers import CheckpointLoader, CheckpointSaver
from torch import nn

from custom.handlers.warm_up import WarmUpHandler


def small_network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 2, 3),
        nn.BatchNorm2d(2),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(2, 3),
    )


def stock_trainer(network: nn.Module, epochs: int, warm_up: int) -> SupervisedTrainer:
    data = [{"image": torch.randn(4, 1, 6, 6) + 2, "label": torch.tensor([0, 1, 2, 0])} for _ in range(2)]
    trainer = SupervisedTrainer(
        device=torch.device("cpu"),
        max_epochs=epochs,
        train_data_loader=data,
        network=network,
        optimizer=torch.optim.Adam(network.parameters(), lr=0.01),
        loss_function=nn.CrossEntropyLoss(),
        decollate=False,
    )
    WarmUpHandler(network, warm_up).attach(trainer)
    return trainer


def states_by_epoch(trainer: SupervisedTrainer) -> list[dict[str, torch.Tensor]]:
    states = [copy.deepcopy(trainer.network.state_dict())]
    trainer.add_event_handler(
        Events.EPOCH_COMPLETED, lambda engine: states.append(copy.deepcopy(engine.network.state_dict()))
    )
    return states


def changed(before: dict[str, torch.Tensor], after: dict[str, torch.Tensor]) -> set[str]:
    return {key for key in before if not torch.equal(before[key], after[key])}


def test_stock_trainer_moves_the_head_alone_then_everything():
    network = small_network()
    trainer = stock_trainer(network, epochs=3, warm_up=2)
    states = states_by_epoch(trainer)
    trainer.run()
    head = {"5.weight", "5.bias"}
    assert changed(states[0], states[1]) == head
    assert changed(states[1], states[2]) == head
    # Every parameter, and BatchNorm's running statistics and counter too.
    assert changed(states[2], states[3]) == set(states[0])


def test_the_warm_up_trains_on_the_features_of_evaluation():
    network = small_network()
    trainer = stock_trainer(network, epochs=1, warm_up=1)
    seen = []
    network[5].register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].detach().clone()))
    trainer.run()
    network.eval()
    with torch.no_grad():
        expected = network[:5](trainer.state.batch["image"])
    torch.testing.assert_close(seen[1], expected)


@pytest.mark.parametrize("epochs", [1, 2])
def test_the_end_of_training_gives_back_flags_and_modes(epochs):
    network = small_network()
    network[0].bias.requires_grad_(False)  # the user's own choice
    flags = [parameter.requires_grad for parameter in network.parameters()]
    stock_trainer(network, epochs=epochs, warm_up=1).run()
    assert [parameter.requires_grad for parameter in network.parameters()] == flags
    network.train()
    network(torch.rand(4, 1, 6, 6))
    assert network[1].training


def test_a_terminated_training_gives_back_flags():
    network = small_network()
    trainer = stock_trainer(network, epochs=3, warm_up=2)
    trainer.add_event_handler(Events.ITERATION_COMPLETED, lambda engine: engine.terminate())
    trainer.run()
    assert all(parameter.requires_grad for parameter in network.parameters())


@pytest.mark.parametrize(("stop", "frozen"), [(1, True), (2, False), (3, False)])
def test_a_resumed_training_freezes_by_its_epoch(tmp_path, stop, frozen):
    first = stock_trainer(small_network(), epochs=stop, warm_up=2)
    CheckpointSaver(
        str(tmp_path),
        {"network": first.network, "optimizer": first.optimizer, "trainer": first},
        save_final=True,
    ).attach(first)
    first.run()

    resumed = stock_trainer(small_network(), epochs=stop + 1, warm_up=2)
    load = {"network": resumed.network, "optimizer": resumed.optimizer, "trainer": resumed}
    CheckpointLoader(str(tmp_path / f"checkpoint_final_iteration={stop * 2}.pt"), load).attach(resumed)
    seen = []
    resumed.add_event_handler(
        Events.ITERATION_STARTED, lambda _: seen.append(not resumed.network[0].weight.requires_grad)
    )
    resumed.run()
    assert resumed.state.epoch == stop + 1
    assert seen == [frozen] * 2


def test_no_epochs_change_nothing():
    network = small_network()
    trainer = stock_trainer(network, epochs=1, warm_up=0)
    states = states_by_epoch(trainer)
    trainer.run()
    assert changed(*states) == set(states[0])


def test_a_stale_gradient_cannot_move_frozen_weights():
    network = small_network()
    for parameter in network.parameters():
        parameter.grad = torch.ones_like(parameter)
    trainer = stock_trainer(network, epochs=1, warm_up=1)
    states = states_by_epoch(trainer)
    trainer.run()
    assert changed(*states) == {"5.weight", "5.bias"}


def test_negative_epochs_are_refused():
    with pytest.raises(ValueError, match="-1 epochs"):
        WarmUpHandler(small_network(), epochs=-1)


def test_attaches_to_any_engine():
    engine = Engine(lambda engine, batch: None)
    network = small_network()
    WarmUpHandler(network, 1).attach(engine)
    engine.run([0], max_epochs=2)
    assert network[0].weight.requires_grad
