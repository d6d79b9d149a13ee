import torch

from custom.attacks import FGSM
from custom.evaluation import TransferAttack

from .margins import ChannelMeans


class Blind(torch.nn.Module):
    """Fails when it is asked."""

    def forward(self, images):
        raise AssertionError


def test_images_are_those_found_on_the_surrogate():
    surrogate, attack = ChannelMeans(), FGSM(epsilon=0.1)
    images, labels = torch.rand(4, 3, 5, 5), torch.tensor([0, 1, 2, 0])
    transferred = TransferAttack(attack, surrogate)(Blind(), images, labels)
    assert torch.equal(transferred, attack(surrogate, images, labels))


def test_radius_and_norm_are_the_attacks_own():
    transfer = TransferAttack(FGSM(epsilon=0.1), ChannelMeans())
    assert (transfer.norm, transfer.epsilon, transfer.name) == ("linf", 0.1, "FGSM on another network")
    images = torch.full((1, 3, 2, 2), 0.5)
    moved = transfer(ChannelMeans(), images, torch.tensor([0]), epsilon=0.2)
    assert torch.allclose((moved - images).abs(), torch.tensor(0.2))
