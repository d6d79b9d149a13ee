import pytest
import torch

from custom.attacks.accelerations import ChannelsLast


@pytest.mark.parametrize(
    ("shape", "layout"), [((2, 3, 4, 5), torch.channels_last), ((2, 3, 4, 5, 6), torch.channels_last_3d)]
)
def test_same_values_in_another_layout(shape, layout):
    images = torch.rand(shape)
    laid_out = ChannelsLast().images(images)
    assert torch.equal(laid_out, images)
    assert laid_out.is_contiguous(memory_format=layout)
    assert images.is_contiguous()


def test_one_dimension_stays():
    images = torch.rand(2, 3, 4)
    assert ChannelsLast().images(images) is images
