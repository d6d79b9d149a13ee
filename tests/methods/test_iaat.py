import pytest
import torch

from custom.attacks import PGD, perturbation_norm
from custom.methods.iaat import IAAT

ATTACK = PGD(epsilon=0.8, step_size=0.1, steps=8)
NAMES = list("abcdef")


def steps_by_radius(epsilon):
    """The source's attack with one radius: 10 steps of a fifth of it, or of a quarter of the preset one if longer."""
    return PGD(epsilon=epsilon, step_size=max(0.8 / 4, epsilon / 5), steps=10)


def right(network, images, labels):
    return network(images).argmax(1) == labels


@pytest.mark.parametrize("epsilon", [0.2, 0.8, 3.0])
def test_a_step_follows_the_radius(network, images, labels, epsilon):
    attack = IAAT(ATTACK).attack
    found = attack(network, images, labels, torch.full((6,), epsilon))
    torch.testing.assert_close(found, steps_by_radius(epsilon)(network, images, labels), rtol=0, atol=1e-6)


def test_the_warm_up_has_the_preset_radius_for_images_that_are_right(network, images, labels, perturb):
    method = IAAT(ATTACK, warm_up=1)
    images_adv, statistics = perturb(method, epoch=1)
    expected = 0.8 * right(network, images, labels).double()
    assert 0 < expected.sum() < 0.8 * 6
    torch.testing.assert_close(statistics["epsilon"], expected)
    torch.testing.assert_close(method.radii.lookup(NAMES, 9.0), expected)
    assert torch.equal(perturbation_norm(images_adv - images) > 0, expected > 0)


def test_after_it_each_radius_is_found_by_two_attacks(network, images, labels, perturb):
    method = IAAT(ATTACK, warm_up=0, smoothing=0.5)
    gamma = 0.8 * 1.9 / 8
    own = torch.tensor([0.2, 0.8, 0.05, 0.6, 0.3, 2.5], dtype=torch.float64)
    method.radii.update(NAMES, own)
    images_adv, statistics = perturb(method, epoch=1)
    clean = right(network, images, labels)
    expected = []
    for row, radius in enumerate(own.tolist()):
        image, label = images[row : row + 1], labels[row : row + 1]
        tried = max(radius - gamma, 0.0)
        for candidate in (radius, radius + gamma):
            if right(network, steps_by_radius(candidate)(network, image, label), label):
                tried = candidate
        expected.append(0.5 * radius + 0.5 * (tried if clean[row] else 0.0))
    torch.testing.assert_close(statistics["epsilon"], torch.tensor(expected, dtype=torch.float64))
    torch.testing.assert_close(method.radii.lookup(NAMES, 9.0), statistics["epsilon"])
    assert len(set((statistics["epsilon"] - own).sign().tolist())) > 1
    assert (perturbation_norm(images_adv - images) <= statistics["epsilon"] + 1e-6).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"gamma": -0.1}, "gamma must be a number of at least 0, got -0.1"),
        ({"smoothing": 1.1}, r"smoothing must be in \[0, 1\], got 1.1"),
        ({"warm_up": -1}, "warm_up must be a whole number of at least 0, got -1"),
        ({"steps": 0}, "steps must be a whole number, at least 1, not 0"),
    ],
)
def test_bad_values(arguments, message):
    with pytest.raises(ValueError, match=message):
        IAAT(ATTACK, **arguments)
