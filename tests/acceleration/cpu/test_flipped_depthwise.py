import pytest
import torch
from torch import nn

from custom.acceleration import FlippedDepthwise
from custom.acceleration.cpu.flipped_depthwise import DepthwiseConvolution, input_gradient


@pytest.mark.parametrize("size", [(7, 8), (9, 6)])
@pytest.mark.parametrize(
    ("kernel", "stride", "padding"),
    [((3, 3), (1, 1), (1, 1)), ((3, 3), (2, 2), (1, 1)), ((5, 3), (2, 1), (0, 2)), ((4, 2), (3, 2), (3, 0))],
)
def test_the_gradient_is_that_of_autograd(size, kernel, stride, padding):
    torch.manual_seed(0)
    values = torch.rand(2, 3, *size, dtype=torch.float64, requires_grad=True)
    own = nn.Conv2d(3, 3, kernel, stride, padding, groups=3).double()
    output = own(values)
    gradient = torch.rand_like(output)
    (expected,) = torch.autograd.grad(output, values, gradient)
    found = input_gradient(gradient, own.weight.detach(), tuple(values.shape), stride, padding)
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_stands_for_the_convolution(stride, dtype):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(4, 4, 3, stride, 1, groups=4)).to(dtype).requires_grad_(False)
    replaced = FlippedDepthwise().network(network, torch.rand(1))
    assert isinstance(replaced[0], DepthwiseConvolution)
    found = []
    for one in (network, replaced):
        values = torch.linspace(-1, 1, 4 * 36).view(1, 4, 6, 6).to(dtype).requires_grad_()
        output = one(values)
        found.append((output, *torch.autograd.grad(output, values, torch.ones_like(output))))
    for one, other in zip(*found, strict=True):
        assert other.dtype == dtype
        torch.testing.assert_close(other, one)


@pytest.mark.parametrize(
    "convolution",
    [
        nn.Conv2d(4, 4, 3),
        nn.Conv2d(4, 8, 3, groups=4),
        nn.Conv2d(1, 1, 3),
        nn.Conv2d(4, 4, 3, groups=4, dilation=2),
        nn.Conv2d(4, 4, 3, groups=4, padding="same"),
        nn.Conv2d(4, 4, 3, groups=4, padding=1, padding_mode="reflect"),
        nn.Conv2d(4, 4, 1, groups=4, padding=1),
        nn.Conv1d(4, 4, 3, groups=4),
    ],
)
def test_others_stay(convolution):
    assert FlippedDepthwise().replacement(convolution) is None
