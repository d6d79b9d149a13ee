import copy

import numpy as np
import pytest
import torch
from art.attacks import EvasionAttack
from art.defences.trainer import AdversarialTrainerTRADESPyTorch
from art.estimators.classification import PyTorchClassifier
from monai.engines import SupervisedTrainer
from torch import nn

from custom.attacks import PGD, perturbation_norm
from custom.losses import kl_divergence
from custom.methods import Examples
from custom.methods.trades import TRADES

ATTACK = PGD(epsilon=0.3, step_size=0.15, steps=5)


def test_the_attack_raises_the_divergence_within_the_ball(network, images, perturb):
    images_adv, _ = perturb(TRADES(ATTACK))
    assert (perturbation_norm(images_adv - images) <= 0.3 + 1e-6).all()
    found = kl_divergence(network(images), network(images_adv))
    # More than random perturbations of the same length.
    for seed in range(20):
        noise = torch.randn(images.shape, generator=torch.Generator().manual_seed(seed))
        noise *= 0.3 / perturbation_norm(noise).view(-1, 1, 1, 1)
        assert (found > kl_divergence(network(images), network(images + noise))).all()


def test_one_step_by_hand(images, labels):
    # Of a linear network the divergence's gradient is W^T (q - p).
    torch.manual_seed(3)
    network = nn.Sequential(nn.Flatten(), nn.Linear(48, 3)).double()
    attack = TRADES(PGD(epsilon=0.3, step_size=0.3, steps=1)).attack
    attack.reset(7)
    clean = images.double()
    noise = torch.randn(clean.shape, generator=torch.Generator().manual_seed(7)).double() * 0.001
    start = clean + noise
    difference = network(start).softmax(1) - network(clean).softmax(1)
    gradient = (difference @ network[1].weight).view_as(clean)
    moved = noise + 0.3 * gradient / perturbation_norm(gradient).view(-1, 1, 1, 1)
    moved *= (0.3 / perturbation_norm(moved)).clamp_max(1).view(-1, 1, 1, 1)
    torch.testing.assert_close(attack(network, clean, labels), clean + moved, rtol=0, atol=1e-5)


class Offset(EvasionAttack):
    _estimator_requirements = ()

    def generate(self, x, y=None, **_):
        return (x + 0.1).astype(np.float32)


class OffsetTRADES(TRADES):
    def perturb(self, engine, network, images, labels):
        return Examples(images + 0.1)


def test_a_training_step_equals_the_trainer_of_art(network, images, labels):
    theirs = copy.deepcopy(network)
    classifier = PyTorchClassifier(
        theirs, nn.CrossEntropyLoss(), (3, 4, 4), 3, torch.optim.SGD(theirs.parameters(), 0.5), device_type="cpu"
    )
    trainer = AdversarialTrainerTRADESPyTorch(classifier, Offset(estimator=classifier), beta=6.0)
    trainer.fit(images.numpy(), labels.numpy(), batch_size=6, nb_epochs=1)
    method = OffsetTRADES(ATTACK)
    SupervisedTrainer(
        torch.device("cpu"),
        1,
        [{"image": images, "label": labels}],
        network,
        torch.optim.SGD(network.parameters(), 0.5),
        method.loss,
        inferer=method.inferer(),
        prepare_batch=method.prepare_batch(),
        train_handlers=[method],
        decollate=False,
    ).run()
    for ours, art_value in zip(network.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(ours, art_value, rtol=0, atol=1e-6)


def test_a_random_start_of_the_attack_is_kept():
    attack = TRADES(PGD(epsilon=0.3, steps=5, random_start=True)).attack
    assert (attack.loss, attack.random_start, attack.start_noise) == ("kl", True, 0.0)


def test_negative_beta():
    with pytest.raises(ValueError, match="beta must be a number of at least 0, got -6"):
        TRADES(ATTACK, beta=-6)
