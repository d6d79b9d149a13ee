import pytest
import torch
from torch import nn

from custom.attacks import PGD
from custom.benchmark.imitated_bfloat16 import ImitatedBfloat16, rounded

# Eight binary digits: the neighbours of 1 are 1 - 2**-8 and 1 + 2**-7.
NEAREST = [(1.0, 1.0), (1.003, 1.0), (1.005, 1.0078125), (0.999, 1.0), (0.997, 0.99609375), (-3.02, -3.015625)]


@pytest.mark.parametrize(("value", "expected"), NEAREST)
def test_numbers_and_gradients_are_rounded_to_the_nearest(value, expected):
    start = torch.tensor([2.0], requires_grad=True)
    assert rounded(torch.tensor([value])).tolist() == [expected]
    (gradient,) = torch.autograd.grad(rounded(start), start, torch.tensor([value]))
    assert gradient.tolist() == [expected]


def test_a_layer_reads_and_writes_rounded_numbers():
    network = nn.Sequential(nn.Linear(1, 1))
    nn.init.constant_(network[0].weight, 1.003)
    nn.init.constant_(network[0].bias, 1.005)
    # 1 * 1 + 1.0078125, of which 16 bits keep 2.
    assert ImitatedBfloat16().network(network, torch.ones(1, 1))(torch.tensor([[0.999]])).tolist() == [[2.0]]
    assert network[0].weight.item() == pytest.approx(1.003)


def test_gradient_is_as_near_to_that_of_autocast_as_roundings_differ():
    torch.manual_seed(0)
    layers = [nn.Conv2d(3, 16, 3), nn.ReLU(), nn.Conv2d(16, 16, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    network = nn.Sequential(*layers, nn.Linear(16, 3)).requires_grad_(False)
    images, labels = torch.rand(8, 3, 16, 16), torch.arange(8) % 3
    attack = PGD(epsilon=0.3, steps=1)
    _, full = attack.gradient(network, images, labels)
    _, imitated = attack.gradient(ImitatedBfloat16().network(network, images), images, labels)
    with torch.autocast("cpu", torch.bfloat16):
        _, autocast = attack.gradient(network, images, labels)
    error, apart = (autocast - full).norm(), (autocast - imitated).norm()
    assert error > 1e-3 * full.norm()
    assert apart < 0.5 * error
