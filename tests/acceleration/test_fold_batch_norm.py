import copy
import gc
import logging
import weakref

import pytest
import torch
from torch import nn

from custom.acceleration import FoldBatchNorm, fold_batch_norm
from custom.acceleration.folded_network import FoldedNetwork
from custom.attacks import PGD


def test_traced_once_and_refolded_each_time(network, images, monkeypatch):
    traced = []
    fold = fold_batch_norm.fold
    monkeypatch.setattr(fold_batch_norm, "fold", lambda network: traced.append(network) or fold(network))
    acceleration = FoldBatchNorm()
    network.eval()
    for _ in range(3):
        torch.testing.assert_close(acceleration.network(network, images)(images), network(images))
        with torch.no_grad():
            network[0].weight.mul_(1.5)
            network[1].running_mean.add_(0.5)
            network[-1].bias.add_(1.0)
    assert len(traced) == 1


def test_a_changed_network_is_folded_again(network, images):
    acceleration = FoldBatchNorm()
    acceleration.network(network.eval(), images)
    network[-1] = nn.Linear(24, 5)
    assert acceleration.network(network, images)(images).shape == (6, 5)
    network.double()
    assert acceleration.network(network, images.double())(images.double()).dtype == torch.float64


def test_training_mode_is_left_alone(network, images):
    assert FoldBatchNorm().network(network.train(), images) is network


def test_nothing_to_fold_is_said(caplog):
    network = nn.Sequential(nn.Flatten(), nn.Linear(4, 3)).eval()
    with caplog.at_level(logging.INFO):
        assert FoldBatchNorm().network(network, torch.rand(1, 1, 2, 2)) is network
    assert "Sequential has no BatchNorm to fold" in caplog.text


def test_other_logits_are_refused_and_said(network, images, monkeypatch, caplog):
    def wrong(network):
        other = copy.deepcopy(network)
        other[-1].bias.data += 1
        return FoldedNetwork(other, fold(network).pairs)

    fold = fold_batch_norm.fold
    monkeypatch.setattr(fold_batch_norm, "fold", wrong)
    assert FoldBatchNorm().network(network.eval(), images) is network
    assert "has other logits when folded" in caplog.text


@pytest.mark.parametrize("mode", ["evaluation", "training"])
def test_network_is_as_found(network, images, labels, mode):
    network.train()
    before = copy.deepcopy(network.state_dict())
    PGD(epsilon=0.3, steps=2, batch_norm=mode, accelerations=[FoldBatchNorm()])(network, images, labels)
    assert all(module.training for module in network.modules())
    assert all(parameter.requires_grad and parameter.grad is None for parameter in network.parameters())
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert list(before) == list(network.state_dict())


def test_network_can_be_forgotten(make_classifier, images):
    acceleration, network = FoldBatchNorm(), make_classifier().eval()
    acceleration.network(network, images)
    gone = weakref.ref(network)
    del network
    gc.collect()
    assert gone() is None
