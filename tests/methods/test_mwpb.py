import pytest
import torch

from custom.attacks import PGD
from custom.methods.mwpb import MWPB

ATTACK = PGD(epsilon=0.3, step_size=0.15, steps=5)


def test_every_image_is_attacked_with_the_radius_of_its_margin(network, images, labels, perturb):
    images_adv, statistics = perturb(MWPB(ATTACK, alpha=2.0))
    probabilities = network(images).softmax(1)
    own = probabilities[torch.arange(6), labels]
    wrong = probabilities.clone()
    wrong[torch.arange(6), labels] = 0
    radii = 0.3 * torch.exp(2.0 * (own - wrong.amax(1)))
    torch.testing.assert_close(statistics["epsilon"], radii)
    torch.testing.assert_close(images_adv, ATTACK(network, images, labels, radii.detach()), rtol=0, atol=1e-6)
    assert statistics["epsilon"].std() > 0.01


def test_negative_alpha():
    with pytest.raises(ValueError, match=r"alpha must be a number of at least 0, got -0\.5"):
        MWPB(ATTACK, alpha=-0.5)
