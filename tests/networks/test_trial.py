import pytest
import torch
from torch import nn

from custom.networks import TorchvisionClassifier, check_network


def test_the_network_is_left_as_it_was():
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(), nn.Flatten(), nn.Linear(400, 3))
    network.train()
    network[1].eval()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    assert check_network(network, (3, 12, 12), 3) is network
    assert torch.equal(torch.rand(1), expected)
    assert [module.training for module in network] == [True, False, True, True, True]
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())


@pytest.mark.parametrize(
    ("name", "size", "reason"),
    [
        ("vit_b_16", 64, "Wrong image height"),
        ("alexnet", 28, ""),
        ("inception_v3", 64, "at least 75x75"),
        ("squeezenet1_0", 8, ""),
        ("vgg11", 16, ""),
    ],
)
def test_a_size_that_does_not_fit(name, size, reason):
    network = TorchvisionClassifier(name, 3)
    with pytest.raises(ValueError, match=f"{name} does not take images of 3 x {size} x {size} .*{reason}") as caught:
        check_network(network, (3, size, size), 3, source=name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "convnext_tiny",
        "mnasnet0_5",
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("swin_t", "regnet_y_400mf", "efficientnet_b0")),
    ],
)
def test_untrained_networks_with_other_normalizations_are_no_probabilities(name):
    for seed in range(2):
        torch.manual_seed(seed)
        check_network(TorchvisionClassifier(name, 3), (3, 64, 64), 3)


def test_what_is_no_classifier_gets_one_sentence():
    flat = nn.Sequential(nn.Flatten(), nn.Linear(12, 3))
    broken = nn.Sequential(nn.Flatten(), nn.Linear(12, 3))
    broken[1].bias.data[1] = float("nan")
    cases = [
        (flat, 4, r"outputs of shape \(6, 3\) for 6 images; for 4 classes"),
        (nn.Flatten(0), 3, r"outputs of shape \(72,\)"),
        (broken, 3, "returns NaN or infinity for plain images"),
        (nn.Sequential(flat, nn.Softmax(1)), 3, "returns probabilities instead of logits"),
        (nn.Sequential(flat, nn.Sigmoid()), 3, "returns probabilities instead of logits"),
        (nn.AdaptiveMaxPool2d(1, return_indices=True), 3, "returns a tuple instead of logits"),
    ]
    for network, classes, sentence in cases:
        with pytest.raises(ValueError, match=sentence):
            check_network(network, (3, 2, 2), classes)
