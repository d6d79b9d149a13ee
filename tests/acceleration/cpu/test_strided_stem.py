import pytest
import torch
from torch import nn

from custom.acceleration import StridedStem
from custom.acceleration.cpu.strided_stem import StridedConvolution, input_gradient


@pytest.mark.parametrize("kernel", [(1, 1), (2, 2), (3, 3), (7, 7), (5, 2)])
@pytest.mark.parametrize("stride", [2, 3, 4])
@pytest.mark.parametrize("padding", [(0, 0), (1, 1), (3, 3), (2, 0)])
@pytest.mark.parametrize("size", [(16, 20), (17, 23)])
def test_gradient_is_that_of_torch(kernel, stride, padding, size):
    torch.manual_seed(0)
    images = torch.rand(2, 3, *size, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(5, 3, *kernel, dtype=torch.float64)
    values = nn.functional.conv2d(images, weight, stride=stride, padding=padding)
    gradient = torch.randn_like(values)
    (expected,) = torch.autograd.grad(values, images, gradient)
    found = input_gradient(gradient, weight, size, stride, padding)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)


def test_pixels_that_no_output_sees_have_no_gradient():
    found = input_gradient(torch.ones(1, 1, 1, 1), torch.full((1, 1, 1, 1), 3.0), (2, 3), 2, (0, 0))
    assert found.tolist() == [[[[3.0, 0.0, 0.0], [0.0, 0.0, 0.0]]]]


def test_stands_for_the_convolution_forwards_and_backwards():
    network = nn.Sequential(nn.Conv2d(3, 8, 7, stride=2, padding=3), nn.Tanh()).requires_grad_(False)
    images = torch.rand(2, 3, 21, 22, requires_grad=True)
    fast = StridedStem().network(network, images)
    assert isinstance(fast[0], StridedConvolution)
    expected, found = network(images), fast(images)
    assert torch.equal(found, expected)
    torch.testing.assert_close(*(torch.autograd.grad(value.sum(), images)[0] for value in (found, expected)))


def test_gradient_under_autocast_is_in_the_precision_of_the_images():
    convolution = nn.Conv2d(3, 8, 3, stride=2).requires_grad_(False)
    images = torch.rand(2, 3, 9, 9, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        values = StridedConvolution(convolution)(images)
    (found,) = torch.autograd.grad(values.float().sum(), images)
    (expected,) = torch.autograd.grad(convolution(images).sum(), images)
    assert (values.dtype, found.dtype) == (torch.bfloat16, torch.float32)
    torch.testing.assert_close(found, expected, rtol=0.02, atol=0.02)


@pytest.mark.parametrize(
    "convolution",
    [
        nn.Conv2d(3, 8, 3),
        nn.Conv2d(3, 8, 3, stride=(2, 1)),
        nn.Conv2d(8, 8, 3, stride=2),
        nn.Conv2d(3, 6, 3, stride=2, groups=3),
        nn.Conv2d(3, 8, 3, stride=2, dilation=2),
        nn.Conv2d(3, 8, 3, stride=2, padding=1, padding_mode="reflect"),
        nn.Conv2d(3, 8, 3, stride=2, padding="valid"),
        nn.Conv3d(1, 8, 3, stride=2),
        type("Own", (nn.Conv2d,), {})(3, 8, 3, stride=2),
    ],
)
def test_other_convolutions_stay(convolution):
    network = nn.Sequential(convolution)
    assert StridedStem().network(network, torch.rand(1, 3, 9, 9)) is network
