import pytest
import torch
from torch import nn

from custom.acceleration.cpu.strided_depthwise import StridedDepthwiseInFloat32


@pytest.mark.parametrize(
    ("convolution", "dtype"),
    [
        (nn.Conv2d(4, 4, 3, 2, groups=4), torch.float32),
        (nn.Conv2d(4, 4, 3, (1, 2), groups=4, bias=False), torch.float32),
        (nn.Conv2d(4, 4, 3, 1, groups=4), torch.bfloat16),
        (nn.Conv2d(4, 4, 3, 2), torch.bfloat16),
        (nn.Conv2d(4, 8, 3, 2, groups=4), torch.bfloat16),
    ],
)
def test_only_depthwise_convolutions_with_a_stride(convolution, dtype):
    values = torch.rand(2, 4, 8, 8)
    with torch.autocast("cpu", torch.bfloat16):
        with StridedDepthwiseInFloat32():
            assert convolution(values.bfloat16()).dtype == dtype
        assert convolution(values).dtype == torch.bfloat16


def test_values_and_gradients_are_those_of_32_bits():
    convolution, found = nn.Conv1d(3, 3, 3, 2, groups=3), []
    for enabled in (False, True):
        convolution.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled), StridedDepthwiseInFloat32():
            output = convolution(torch.linspace(0, 1, 24).view(1, 3, 8))
        output.square().sum().backward()
        found.append((output.detach(), convolution.weight.grad.clone(), convolution.bias.grad.clone()))
    assert all(torch.equal(one, other) for one, other in zip(*found, strict=True))
