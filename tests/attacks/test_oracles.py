"""The same images as independent libraries, and where a library's own definition differs, that difference."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from custom.attacks import FGSM, IFGSM, PGD, perturbation_norm

torchattacks = pytest.importorskip("torchattacks")
foolbox = pytest.importorskip("foolbox")
art_attacks = pytest.importorskip("art.attacks.evasion")
art_classifiers = pytest.importorskip("art.estimators.classification")

EPSILON_LINF = 0.03


def ours(network, images, labels, attack):
    return attack(network, images, labels)


def by_torchattacks(network, images, labels, attack):
    network = copy.deepcopy(network).eval()
    if isinstance(attack, FGSM):
        theirs = torchattacks.FGSM(network, eps=attack.epsilon)
    elif isinstance(attack, IFGSM):
        theirs = torchattacks.BIM(network, attack.epsilon, attack.epsilon / 4, attack.steps)
    elif attack.norm == "linf":
        theirs = torchattacks.PGD(network, attack.epsilon, attack.step_size, attack.steps, random_start=False)
    else:
        theirs = torchattacks.PGDL2(network, attack.epsilon, attack.step_size, attack.steps, random_start=False)
    return theirs(images, labels)


def by_foolbox(network, images, labels, attack):
    model = foolbox.PyTorchModel(copy.deepcopy(network).eval(), bounds=(0, 1))
    if isinstance(attack, FGSM):
        theirs = foolbox.attacks.LinfFastGradientAttack(random_start=False)
    else:
        kind = {"l2": "L2ProjectedGradientDescentAttack", "linf": "LinfProjectedGradientDescentAttack"}
        step = attack.step_length(torch.tensor([attack.epsilon])).item()
        theirs = getattr(foolbox.attacks, kind[attack.norm])(abs_stepsize=step, steps=attack.steps, random_start=False)
    return theirs.run(model, images, foolbox.Misclassification(labels), epsilon=attack.epsilon)


def by_art(network, images, labels, attack):
    classifier = art_classifiers.PyTorchClassifier(
        copy.deepcopy(network).eval(), nn.CrossEntropyLoss(), tuple(images.shape[1:]), 3, clip_values=(0, 1)
    )
    norm = 2 if attack.norm == "l2" else np.inf
    if isinstance(attack, FGSM):
        theirs = art_attacks.FastGradientMethod(classifier, norm=norm, eps=attack.epsilon)
    else:
        step = attack.step_length(torch.tensor([attack.epsilon])).item()
        theirs = art_attacks.ProjectedGradientDescentPyTorch(
            classifier, norm=norm, eps=attack.epsilon, eps_step=step, max_iter=attack.steps, verbose=False
        )
    return torch.from_numpy(theirs.generate(images.numpy(), labels.numpy()))


LIBRARIES = pytest.mark.parametrize("library", [by_torchattacks, by_foolbox, by_art])
ATTACKS = pytest.mark.parametrize(
    "attack",
    [
        FGSM(epsilon=EPSILON_LINF),
        IFGSM(epsilon=EPSILON_LINF, steps=10),
        PGD(epsilon=EPSILON_LINF, step_size=0.01, steps=7, norm="linf"),
        PGD(epsilon=0.3, step_size=0.15, steps=7),
    ],
    ids=["fgsm", "ifgsm", "pgd-linf", "pgd-l2"],
)


@LIBRARIES
@ATTACKS
def test_equal_where_nothing_is_clipped(network, images, labels, attack, library):
    images = 0.4 + 0.2 * images
    found = attack(network, images, labels)
    torch.testing.assert_close(found, library(network, images, labels, attack), rtol=0, atol=1e-6)
    assert (found != images).any()


@pytest.mark.parametrize("library", [by_torchattacks, by_foolbox])
@ATTACKS
def test_equal_where_values_are_clipped(network, images, labels, attack, library):
    found = attack(network, images, labels)
    torch.testing.assert_close(found, library(network, images, labels, attack), rtol=0, atol=1e-6)
    assert ((found == 0) | (found == 1)).any()


def test_art_clips_before_it_projects(network, images, labels):
    # Ours projects, then clips. With clipped values the two give different l2 images, both in the ball.
    attack = PGD(epsilon=0.3, step_size=0.15, steps=7)
    found, theirs = attack(network, images, labels), by_art(network, images, labels, attack)
    assert (found - theirs).abs().max() > 1e-4
    for result in (found, theirs):
        assert perturbation_norm(result - images).max() <= 0.3 + 1e-6
    # In l-infinity the order does not matter.
    attack = PGD(epsilon=EPSILON_LINF, step_size=0.01, steps=7, norm="linf")
    torch.testing.assert_close(
        attack(network, images, labels), by_art(network, images, labels, attack), rtol=0, atol=1e-6
    )


def test_saturated_logits():
    # One linear step with a logit gap of ln(1e10): the gradient (of norm 1e-10) still has a direction.
    network = nn.Sequential(nn.Flatten(), nn.Linear(4, 3))
    network[1].weight.data = torch.eye(3, 4)
    network[1].bias.data = torch.tensor([23.025851, 0.0, -90.0])
    images, labels = torch.full((1, 1, 2, 2), 0.5), torch.tensor([0])
    attack = PGD(epsilon=0.15, step_size=0.15, steps=1)
    found = attack(network, images, labels)
    assert perturbation_norm(found - images).item() == pytest.approx(0.15, rel=1e-5)
    for library in (by_foolbox, by_art):
        torch.testing.assert_close(found, library(network, images, labels, attack), rtol=0, atol=1e-6)
    # torchattacks adds 1e-10 to the norm: its step shrinks just where the network is sure.
    theirs = by_torchattacks(network, images, labels, attack)
    assert perturbation_norm(theirs - images).item() == pytest.approx(0.075, rel=0.05)


def test_torchattacks_shrinks_with_the_batch():
    # It takes the gradient of the mean loss, so the same sample moves less in a larger batch.
    network = nn.Sequential(nn.Flatten(), nn.Linear(4, 3))
    network[1].weight.data = torch.eye(3, 4)
    network[1].bias.data = torch.tensor([23.025851, 0.0, -90.0])
    images, labels = torch.full((4, 1, 2, 2), 0.5), torch.zeros(4, dtype=torch.long)
    attack = PGD(epsilon=0.15, step_size=0.15, steps=1)
    for library, first, second in ((ours, 0.15, 0.15), (by_torchattacks, 0.075, 0.03)):
        alone = library(network, images[:1], labels[:1], attack) - images[:1]
        together = library(network, images, labels, attack) - images
        assert perturbation_norm(alone)[0].item() == pytest.approx(first, rel=0.05)
        assert perturbation_norm(together)[0].item() == pytest.approx(second, rel=0.05)


def test_torchattacks_divides_by_a_zero_radius(network, images, labels):
    attack = PGD(epsilon=0.0, step_size=0.15, steps=2)
    assert torch.equal(attack(network, images, labels), images)
    assert torch.equal(by_foolbox(network, images, labels, attack), images)
    # x_adv - x is 0 there, and 0 * (0 / 0) is not a number wherever the step did not move a sample.
    theirs = torchattacks.PGDL2(network.eval(), eps=0.0, alpha=0.0, steps=1, random_start=False)(images, labels)
    assert theirs.isnan().any()
