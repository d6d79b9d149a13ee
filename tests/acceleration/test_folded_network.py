import pytest
import torch
from torch import nn

from custom.acceleration.folded_network import fold


def settled(network, images):
    """The network in evaluation mode, its BatchNorms with statistics and weights that matter."""
    torch.manual_seed(0)
    for module in network.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            nn.init.uniform_(module.weight, 0.5, 2)
            nn.init.normal_(module.bias)
    network.train()(images)
    return network.eval()


def folded_logits(network, images):
    folded = fold(network)
    folded.refresh()
    return folded, folded.module(images)


def test_one_weight_by_hand():
    network = nn.Sequential(nn.Conv1d(1, 1, 1), nn.BatchNorm1d(1, eps=0.0)).eval()
    for value, parameter in zip((3.0, 1.0, 2.0, 0.5), network.parameters(), strict=True):
        nn.init.constant_(parameter, value)
    network[1].running_mean.fill_(7.0)
    network[1].running_var.fill_(4.0)
    folded = fold(network)
    folded.refresh()
    (pair,) = folded.pairs
    # 3 * 2 / sqrt(4) = 3 and (1 - 7) * 2 / sqrt(4) + 0.5 = -5.5
    assert (pair.folded.weight.item(), pair.folded.bias.item()) == (3.0, -5.5)
    assert network[0].weight.item() == 3.0


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_every_rank(rank, make_classifier, make_images):
    images = make_images(2, 3, *[7] * rank)
    network = settled(make_classifier(rank), images)
    folded, logits = folded_logits(network, images)
    assert len(folded.pairs) == 1
    torch.testing.assert_close(logits, network(images))


def test_only_what_may_be_folded():
    class Mixed(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second, self.twice = nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1)
            self.norms = nn.ModuleList(nn.BatchNorm2d(3) for _ in range(5))
            self.untracked = nn.BatchNorm2d(3, track_running_stats=False)
            self.last = nn.Conv2d(3, 3, 1, bias=False)

        def forward(self, x):
            x = self.norms[0](self.first(x))  # folds
            y = self.second(x)
            x = self.norms[1](y) + y  # the convolution is read twice
            x = self.norms[2](self.twice(x)) + self.twice(x)  # called twice
            x = self.norms[3](torch.relu(x))  # no convolution before it
            x = self.untracked(self.last(x))  # no running statistics
            return self.norms[4](x).mean((2, 3))

    images = torch.rand(4, 3, 5, 5)
    network = settled(Mixed(), images)
    folded, logits = folded_logits(network, images)
    assert [pair.batch_norm for pair in folded.pairs] == [network.norms[0]]
    torch.testing.assert_close(logits, network(images))


def test_children_are_folded_where_the_whole_cannot_be_traced():
    class Deciding(nn.Module):
        def __init__(self):
            super().__init__()
            self.block = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
            self.offset = nn.Parameter(torch.ones(1))

        def forward(self, x):
            if x.shape[1] != 3:
                raise ValueError("three channels")
            return self.block(x).mean((2, 3)) + self.offset

    images = torch.rand(4, 3, 5, 5)
    network = settled(Deciding(), images)
    block = network.block
    folded, logits = folded_logits(network, images)
    assert len(folded.pairs) == 1
    assert isinstance(folded.module, Deciding)
    torch.testing.assert_close(logits, network(images))
    # The network itself is not changed.
    assert network.block is block
    assert len(block) == 2


@pytest.mark.parametrize(
    ("name", "pairs"),
    [("resnet18", 20), ("mobilenet_v2", 52), ("shufflenet_v2_x0_5", 56), ("densenet121", 59)],
)
def test_architectures(name, pairs):
    from custom.networks import TorchvisionClassifier

    images = torch.rand(2, 3, 64, 64)
    network = settled(TorchvisionClassifier(name, num_classes=3), images)
    folded, logits = folded_logits(network, images)
    assert len(folded.pairs) == pairs
    torch.testing.assert_close(logits, network(images), rtol=1e-3, atol=1e-4)
