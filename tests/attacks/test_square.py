import torch
from torch import nn

from custom.attacks import SquareAttack, perturbation_norm


def test_needs_no_gradient():
    torch.manual_seed(0)
    weights = nn.Sequential(nn.Flatten(), nn.Linear(3 * 64, 3)).requires_grad_(False)

    class Opaque(nn.Module):
        def forward(self, images):
            return weights(images.detach())

    network, images = Opaque(), torch.rand(8, 3, 8, 8)
    labels = network(images).argmax(1)
    attack = SquareAttack(epsilon=0.05, num_classes=3, norm="linf", square_queries=300)
    found = attack(network, images, labels)
    assert attack.name == "Square (300 queries)"
    assert perturbation_norm(found - images, "linf").max() <= 0.05 + 1e-6
    assert (network(found).argmax(1) != labels).any()
    assert torch.equal(found, attack(network, images, labels))
