import gc
import weakref

import pytest
import torch
from torch import nn

from custom.acceleration import ChannelsLast
from custom.acceleration.cpu.module_replacement import ModuleReplacement


class Negated(nn.Module):
    """Stands for a linear layer and negates what it gives."""

    def __init__(self, linear):
        super().__init__()
        self.linear = linear

    def forward(self, values):
        return -self.linear(values)


class NegateLinear(ModuleReplacement):
    def __init__(self):
        super().__init__()
        self.asked = 0

    def replacement(self, module):
        self.asked += 1
        return Negated(module) if isinstance(module, nn.Linear) else None


@pytest.fixture
def network():
    return nn.Sequential(nn.Flatten(), nn.Sequential(nn.Linear(4, 3), nn.ReLU()), nn.Sequential(nn.Linear(3, 2)))


def test_modules_at_any_depth_are_replaced_and_the_network_is_not(network):
    images = torch.rand(2, 1, 2, 2)
    hidden = (-network[1][0](images.flatten(1))).relu()
    expected, before = -network[2][0](hidden), [*network.modules()]
    replaced = NegateLinear().network(network, images)
    torch.testing.assert_close(replaced(images), expected)
    assert [*network.modules()] == before
    assert replaced[1][1] is network[1][1]


def test_the_copy_is_made_once_and_follows_the_weights(network):
    images, acceleration = torch.rand(2, 1, 2, 2), NegateLinear()
    first = acceleration.network(network, images)
    asked = acceleration.asked
    with torch.no_grad():
        network[2][0].bias += 1
    second = acceleration.network(network, images)
    assert second is first
    assert acceleration.asked == asked
    torch.testing.assert_close(second(images)[0, 0], -network[2][0](first[1](first[0](images)))[0, 0])


def test_a_changed_network_is_copied_again(network):
    acceleration = NegateLinear()
    acceleration.network(network, torch.rand(1))
    network[2][0] = nn.Linear(3, 7)
    assert acceleration.network(network, torch.rand(1))(torch.rand(2, 1, 2, 2)).shape == (2, 7)


def test_a_module_with_hooks_and_other_devices_are_left_alone(network):
    images = torch.rand(2, 1, 2, 2)
    assert NegateLinear().network(network, images.to("meta")) is network
    for layer in (network[1][0], network[2][0]):
        layer.register_forward_hook(lambda *_: None)
    assert NegateLinear().network(network, images) is network


def test_traced_networks_are_copied_too(network):
    images = torch.rand(2, 1, 2, 2)
    traced = torch.fx.symbolic_trace(network)
    expected = NegateLinear().network(network, images)(images)
    torch.testing.assert_close(NegateLinear().network(traced, images)(images), expected)
    torch.testing.assert_close(traced(images), network(images))


@pytest.mark.parametrize("layer", [nn.Linear, nn.Bilinear])
def test_networks_are_not_kept_alive(layer):
    acceleration, network = NegateLinear(), nn.Sequential(layer(*[2] * (2 if layer is nn.Linear else 3)))
    acceleration.network(network, torch.rand(1))
    reference = weakref.ref(network)
    del network
    gc.collect()
    assert reference() is None


def test_comes_before_what_changes_the_weights(network):
    images = torch.rand(2, 1, 2, 2)
    with pytest.raises(ValueError, match="NegateLinear replaces modules, so in accelerations it must come before Chan"):
        NegateLinear().network(ChannelsLast().network(network, images), images)
