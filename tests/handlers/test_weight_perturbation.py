import copy

import numpy as np
import pytest
import torch
from art.attacks import EvasionAttack
from art.defences.trainer import AdversarialTrainerAWPPyTorch
from art.estimators.classification import PyTorchClassifier
from monai.engines import PrepareBatchExtraInput, SupervisedTrainer
from monai.engines.utils import IterationEvents
from torch import nn

from custom.handlers import AdversarialWeightPerturbation
from custom.handlers.weight_perturbation import weight_perturbation
from custom.inferers import AdversarialInferer
from custom.losses import AdversarialLoss, TRADESLoss

IMAGES, LABELS = torch.rand(8, 3, 2, 2, generator=torch.Generator().manual_seed(0)) / 2, torch.arange(8) % 3
OFFSET = 0.2
RATE = 0.5


def make_network(*middle):
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(12, 6), *middle, nn.ReLU(), nn.Linear(6, 3))


def make_trainer(network, handlers, loss=None, epochs=1):
    loss = loss or AdversarialLoss(alpha=1.0)
    batch = {"image": IMAGES, "label": LABELS, "image_adv": IMAGES + OFFSET}
    return SupervisedTrainer(
        torch.device("cpu"),
        epochs,
        [batch],
        network,
        torch.optim.SGD(network.parameters(), RATE),
        loss,
        inferer=AdversarialInferer(clean=loss.needs_clean),
        prepare_batch=PrepareBatchExtraInput({"image_adv": "image_adv"}),
        train_handlers=handlers,
        decollate=False,
    )


def test_one_weight_by_hand():
    weight, gradient = torch.tensor([[3.0, 4.0]]), torch.tensor([[0.0, 2.0]])
    # The weight's norm is 5, so the perturbation is 0.5 long, along the gradient.
    torch.testing.assert_close(weight_perturbation(weight, gradient, 0.1), torch.tensor([[0.0, 0.5]]))
    assert weight_perturbation(weight, torch.zeros(1, 2), 0.1).tolist() == [[0.0, 0.0]]


class Offset(EvasionAttack):
    """An attack of ART that makes the same examples as the batch above has."""

    _estimator_requirements = ()

    def generate(self, x, y=None, **_):
        return (x + OFFSET).astype(np.float32)


@pytest.mark.parametrize("mode", ["PGD", "TRADES"])
def test_equals_the_trainer_of_art(mode):
    network = make_network()
    theirs, proxy = copy.deepcopy(network), copy.deepcopy(network)
    classifiers = [
        PyTorchClassifier(
            model, nn.CrossEntropyLoss(), (3, 2, 2), 3, torch.optim.SGD(model.parameters(), rate), device_type="cpu"
        )
        for model, rate in ((theirs, RATE), (proxy, 1.0))
    ]
    attack = Offset(estimator=classifiers[0])
    art = AdversarialTrainerAWPPyTorch(*classifiers, attack, mode, gamma=0.05, beta=6.0, warmup=0)
    art.fit(IMAGES.numpy(), LABELS.numpy(), batch_size=8, nb_epochs=1)

    plain = copy.deepcopy(network)
    loss = AdversarialLoss(alpha=1.0) if mode == "PGD" else TRADESLoss(beta=6.0)
    make_trainer(network, [AdversarialWeightPerturbation(0.05)], loss).run()
    make_trainer(plain, [], loss).run()
    for ours, art_value, without in zip(network.parameters(), theirs.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(ours, art_value, rtol=0, atol=2e-6)
        assert (ours - without).abs().max() > 1e-4  # AWP makes a difference


def test_weights_are_perturbed_for_the_training_pass_alone_and_biases_never():
    network = make_network()
    before = [parameter.detach().clone() for parameter in network.parameters()]
    seen = {}
    trainer = make_trainer(network, [AdversarialWeightPerturbation(0.1)])
    for event in (IterationEvents.FORWARD_COMPLETED, IterationEvents.BACKWARD_COMPLETED):
        trainer.add_event_handler(
            event, lambda _, name: seen.update({name: [p.detach().clone() for p in network.parameters()]}), event.name
        )
    trainer.run()
    for old, perturbed, restored in zip(before, seen["FORWARD_COMPLETED"], seen["BACKWARD_COMPLETED"], strict=True):
        if old.ndim > 1:
            assert ((perturbed - old).norm() / old.norm()).item() == pytest.approx(0.1, rel=1e-5)
        else:
            assert torch.equal(perturbed, old)
        assert torch.equal(restored, old)


def test_statistics_move_once_and_both_passes_drop_the_same_units():
    network = make_network(nn.BatchNorm1d(6), nn.Dropout(0.5))
    masks = []
    network[3].register_forward_hook(lambda *arguments: masks.append(arguments[2] == 0))
    torch.manual_seed(1)
    make_trainer(network, [AdversarialWeightPerturbation(0.001)]).run()
    assert network[2].num_batches_tracked == 1
    assert torch.equal(*masks)


def test_nothing_happens_in_the_warm_up_or_to_frozen_weights():
    networks = {}
    for name, handlers in {"plain": [], "awp": [AdversarialWeightPerturbation(0.5, warm_up=1)]}.items():
        networks[name] = make_network()
        make_trainer(networks[name], handlers).run()
    for plain, awp in zip(networks["plain"].parameters(), networks["awp"].parameters(), strict=True):
        assert torch.equal(plain, awp)
    network = make_network()
    network[1].requires_grad_(False)
    before, seen = network[1].weight.clone(), []
    trainer = make_trainer(network, [AdversarialWeightPerturbation(0.5)])
    trainer.add_event_handler(IterationEvents.FORWARD_COMPLETED, lambda _: seen.append(network[1].weight.clone()))
    trainer.run()
    assert torch.equal(seen[0], before)


def test_an_error_leaves_the_networks_own_weights():
    network = make_network()
    before = [parameter.detach().clone() for parameter in network.parameters()]

    def fail(_):
        raise FloatingPointError("The loss is nan.")

    trainer = make_trainer(network, [AdversarialWeightPerturbation(0.1)])
    trainer.logger.disabled = True
    trainer.add_event_handler(IterationEvents.LOSS_COMPLETED, fail)
    with pytest.raises(FloatingPointError, match=r"The loss is nan\."):
        trainer.run()
    assert all(torch.equal(old, new) for old, new in zip(before, network.parameters(), strict=True))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"gamma": -0.01}, "gamma of the adversarial weight perturbation must be a number above 0, got -0.01"),
        ({"gamma": float("nan")}, "must be a number above 0, got nan"),
        ({"gamma": 0.01, "warm_up": -1}, "warm_up of the adversarial weight perturbation must be at least 0, got -1"),
    ],
)
def test_bad_values(arguments, message):
    with pytest.raises(ValueError, match=message):
        AdversarialWeightPerturbation(**arguments)
