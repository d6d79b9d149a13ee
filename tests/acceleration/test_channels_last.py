import pytest
import torch

from custom.acceleration import ChannelsLast


@pytest.mark.parametrize(
    ("shape", "layout"), [((2, 3, 4, 5), torch.channels_last), ((2, 3, 4, 5, 6), torch.channels_last_3d)]
)
def test_same_values_in_another_layout(shape, layout):
    images = torch.rand(shape)
    laid_out = ChannelsLast().images(images)
    assert torch.equal(laid_out, images)
    assert laid_out.is_contiguous(memory_format=layout)
    assert images.is_contiguous()


@pytest.mark.parametrize(("rank", "layout"), [(2, torch.channels_last), (3, torch.channels_last_3d)])
def test_weights_are_laid_out_for_the_attack_alone(rank, layout, make_classifier, make_images):
    seen = []
    network, images = make_classifier(rank).eval(), make_images(2, 3, *[7] * rank)
    network[0].register_forward_pre_hook(lambda module, _: seen.append(module.weight))
    before = network[0].weight
    expected = network(images)
    logits = ChannelsLast().network(network, images)(images)
    torch.testing.assert_close(logits, expected)
    assert seen[-1].is_contiguous(memory_format=layout)
    assert network[0].weight is before
    assert before.is_contiguous()


def test_one_dimension_stays():
    images = torch.rand(2, 3, 4)
    assert ChannelsLast().images(images) is images
    network = torch.nn.Conv1d(3, 3, 3)
    assert ChannelsLast().network(network, images) is network
