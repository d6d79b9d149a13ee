import torch
from torch import nn

from custom.acceleration.weight_override import override_weights


def test_changes_follow_each_other_and_the_network_stays():
    network = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1, bias=False))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(1.0)
    called = override_weights(network, lambda module, weight: weight * 2 if module is network[0] else weight)
    assert set(called.weights) == {"0.weight", "0.bias"}
    again = override_weights(called, lambda module, weight: weight + 1)
    values = torch.tensor([[1.0, 10.0]])
    assert network(values).item() == 2 * (11 + 1)
    assert called(values).item() == 2 * (2 * 11 + 2)
    assert again(values).item() == 2 * 2 * (3 * 11 + 3)
