import pytest
import torch
from monai.engines import SupervisedTrainer

from custom.handlers import FiniteLoss


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_stops_before_the_weights_change(bad):
    network = torch.nn.Linear(1, 1)
    batches = [
        {"image": torch.ones(2, 1), "label": torch.ones(2, 1), "image_id": ["a", "b"]},
        {"image": torch.full((2, 1), bad), "label": torch.ones(2, 1), "image_id": ["c", "d"]},
    ]
    weights = []
    trainer = SupervisedTrainer(
        torch.device("cpu"),
        2,
        batches,
        network,
        torch.optim.SGD(network.parameters(), 0.1),
        torch.nn.MSELoss(),
        epoch_length=2,
        train_handlers=[FiniteLoss()],
        decollate=False,
    )
    trainer.add_event_handler("ITERATION_COMPLETED", lambda _: weights.append(network.weight.detach().clone()))
    message = r"The loss is (nan|inf) in epoch 1, iteration 2 of 2; the images of that mini-batch: c, d\. "
    message += r"Values of the images are not finite: c, d\."
    with pytest.raises(FloatingPointError, match=message):
        trainer.run()
    assert torch.equal(network.weight, weights[-1])


def train_once(network, loss):
    batch = {"image": torch.ones(2, 1), "label": torch.ones(2, 1), "image_id": ["a", "b"]}
    SupervisedTrainer(
        torch.device("cpu"),
        1,
        [batch],
        network,
        torch.optim.SGD(network.parameters(), 0.1),
        loss,
        train_handlers=[FiniteLoss()],
        decollate=False,
    ).run()


def test_it_says_what_is_at_fault():
    network = torch.nn.Linear(1, 1)
    with pytest.raises(FloatingPointError, match="it is the loss that is not"):
        train_once(network, lambda logits, labels: (logits - labels).sum() * float("nan"))
    huge = torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.Linear(1, 1))
    with torch.no_grad():
        for parameter in huge.parameters():
            parameter.fill_(3e38)
    with pytest.raises(FloatingPointError, match="it is the network's outputs that are not"):
        train_once(huge, torch.nn.MSELoss())
    with torch.no_grad():
        network.bias.fill_(float("nan"))
    with pytest.raises(FloatingPointError, match="Weights of the network are not finite, the first are bias; try a"):
        train_once(network, torch.nn.MSELoss())
