import pytest
import torch

from custom.attacks import PGD
from custom.methods.fat import FAT

ATTACK = PGD(epsilon=1.0, step_size=0.1, steps=10)


def plain(network, images, labels, steps):
    """The iterate of PGD after a number of steps."""
    attack = PGD(epsilon=1.0, step_size=0.1, steps=10)
    attack.steps, attack._factors = steps, [1.0] * steps
    return attack(network, images, labels) if steps else images


@pytest.mark.parametrize("tau", [0, 1, 3])
def test_each_image_stops_tau_steps_after_its_first_misclassification(network, images, labels, perturb, tau):
    images_adv, statistics = perturb(FAT(ATTACK, tau=tau))
    path = [plain(network, images, labels, steps) for steps in range(11)]
    stops = []
    for row in range(len(images)):
        wrong = [bool(network(iterate[row : row + 1]).argmax(1) != labels[row]) for iterate in path]
        first = wrong.index(True) if any(wrong) else 10
        stops.append(min(first + tau, 10))
        torch.testing.assert_close(images_adv[row], path[stops[-1]][row], rtol=0, atol=1e-6)
    assert len(set(stops)) > 1  # the images do stop at different steps
    assert statistics["tau"].item() == tau


def test_tau_rises_over_the_epochs_as_in_the_source():
    method = FAT(ATTACK)
    taus = [method.tau_of(epoch, 120) for epoch in range(1, 121)]
    assert [taus.index(tau) for tau in (0, 1, 2)] == [0, 50, 90]
    assert FAT(ATTACK, tau=2).tau_of(1, 120) == 2


@pytest.mark.parametrize("tau", [-1, 1.5])
def test_bad_tau(tau):
    with pytest.raises(ValueError, match=f"tau must be a whole number >= 0, not {tau}"):
        FAT(ATTACK, tau=tau)
