import torch
from torch import nn

from custom.attacks.accelerations import InPlaceReLU6

VALUES = torch.tensor([[-1.0, 0.0, 0.5, 5.5, 6.0, 7.0]])


def test_values_and_gradients_are_those_of_relu6():
    network, gradient = nn.Sequential(nn.ReLU6(inplace=True)), torch.arange(1.0, 7.0).view(1, 6)
    found = []
    for one in (network, InPlaceReLU6().network(network, VALUES)):
        start = VALUES.clone().requires_grad_()
        values = one(start * 1)
        found.append((values.detach(), *torch.autograd.grad(values, start, gradient)))
    assert found[1][0].tolist() == [[0.0, 0.0, 0.5, 5.5, 6.0, 6.0]]
    assert found[1][1].tolist() == [[0.0, 0.0, 3.0, 4.0, 0.0, 0.0]]
    assert all(torch.equal(one, other) for one, other in zip(*found, strict=True))


def test_works_in_the_memory_of_its_input():
    network = InPlaceReLU6().network(nn.Sequential(nn.ReLU6(inplace=True)), VALUES)
    values = VALUES.clone()
    assert network(values).data_ptr() == values.data_ptr()
    assert values.max() == 6.0


def test_a_relu6_that_may_not_write_over_its_input_stays():
    network = nn.Sequential(nn.ReLU6(), nn.ReLU(inplace=True))
    assert InPlaceReLU6().network(network, VALUES) is network
