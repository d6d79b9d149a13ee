import pytest
import torch

from custom.attacks import PGD, perturbation_norm
from custom.methods.mart import MART

ATTACK = PGD(epsilon=0.3, step_size=0.15, steps=5)


def test_examples_are_those_of_pgd_from_a_little_noise(network, images, labels, perturb):
    images_adv, _ = perturb(MART(ATTACK))
    plain = ATTACK(network, images, labels)
    assert not torch.equal(images_adv, plain)
    # The gradient of a linear network hardly changes over so little noise.
    assert (perturbation_norm(images_adv - plain) < 0.02).all()


def test_negative_beta():
    with pytest.raises(ValueError, match="beta must be a number of at least 0, got -1"):
        MART(ATTACK, beta=-1)
