import pytest
import torch
from torch import nn

from custom.acceleration import InPlaceReLU

VALUES = torch.tensor([[-1.0, 0.0, 0.5, 5.5, 6.0, 7.0]])
GRADIENT = torch.arange(1.0, 7.0).view(1, 6)
KINDS = {
    nn.ReLU: ([0.0, 0.0, 0.5, 5.5, 6.0, 7.0], [0.0, 0.0, 3.0, 4.0, 5.0, 6.0]),
    nn.ReLU6: ([0.0, 0.0, 0.5, 5.5, 6.0, 6.0], [0.0, 0.0, 3.0, 4.0, 0.0, 0.0]),
}


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("kind", KINDS)
def test_values_and_gradients_are_those_of_torch(kind, dtype):
    network, found = nn.Sequential(kind(inplace=True)), []
    for one in (network, InPlaceReLU().network(network, VALUES)):
        start = VALUES.clone().to(dtype).requires_grad_()
        values = one(start * 1)
        found.append((values.detach(), *torch.autograd.grad(values, start, GRADIENT.to(dtype))))
    assert (found[1][0][0].tolist(), found[1][1][0].tolist()) == KINDS[kind]
    assert all(torch.equal(one, other) and one.dtype == dtype for one, other in zip(*found, strict=True))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("kind", KINDS)
def test_every_number_of_16_bits_is_clamped_as_torch_clamps_it(kind, dtype):
    values = torch.arange(-(2**15), 2**15, dtype=torch.int32).to(torch.int16).view(dtype)
    values = values[~values.isnan()]
    network = nn.Sequential(kind(inplace=True))
    expected = network(values.clone())
    found = InPlaceReLU().network(network, VALUES)(values.clone())
    assert torch.equal(found, expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("kind", KINDS)
def test_works_in_the_memory_of_its_input(kind, dtype):
    network = InPlaceReLU().network(nn.Sequential(kind(inplace=True)), VALUES)
    values = VALUES.clone().to(dtype)
    assert network(values).data_ptr() == values.data_ptr()
    assert values.min() == 0.0


def test_one_that_may_not_write_over_its_input_stays():
    network = nn.Sequential(nn.ReLU6(), nn.ReLU())
    assert InPlaceReLU().network(network, VALUES) is network
