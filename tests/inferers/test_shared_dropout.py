import pytest
import torch
from torch import nn

from custom.inferers import AdversarialInferer
from custom.inferers.shared_dropout import shared_dropout


@pytest.mark.parametrize("layer", [nn.Dropout(0.5), nn.Dropout(0.5, inplace=True), nn.Dropout2d(0.5)])
def test_all_copies_of_an_image_lose_the_same_units(layer):
    images = torch.rand(3, 8, 4, 4).repeat(2, 1, 1, 1) + 0.1
    with shared_dropout(layer, 2):
        first, second = layer(images.clone()).chunk(2)
    assert torch.equal(first, second)
    # Half of the units are dropped, the others doubled; images lose different ones.
    assert (
        torch.isin((first / images[:3]).unique(), torch.tensor([0.0, 2.0])).all()
        or (((first / images[:3]) - 1).abs() - 1).abs().max() < 1e-5
    )
    assert not torch.equal(first[0] == 0, first[1] == 0)
    # The layer is as it was found.
    assert "forward" not in vars(layer)
    first, second = layer(images.clone()).chunk(2)
    assert not torch.equal(first, second)


def test_evaluation_mode_drops_nothing():
    layer, images = nn.Dropout(0.5).eval(), torch.rand(4, 8)
    with shared_dropout(layer, 2):
        assert torch.equal(layer(images), images)


def network_with(layer):
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(12, 64), layer, nn.Linear(64, 3)).train()


@pytest.mark.parametrize("joint_pass", [True, False])
def test_equal_images_get_equal_logits_unless_each_has_its_own_dropout(joint_pass):
    network, images = network_with(nn.Dropout(0.5)), torch.rand(4, 3, 2, 2)
    same = AdversarialInferer(joint_pass=joint_pass)(images, network, image_adv=images)
    torch.testing.assert_close(same.clean, same.adversarial)
    own = AdversarialInferer(joint_pass=joint_pass, same_dropout=False)(images, network, image_adv=images)
    assert (own.clean - own.adversarial).abs().max() > 0.01


def test_two_passes_normalize_each_half_by_itself():
    network = network_with(nn.BatchNorm1d(64, momentum=1.0))
    images, brighter = torch.rand(8, 3, 2, 2), torch.rand(8, 3, 2, 2) + 0.5
    joint = AdversarialInferer()(images, network, image_adv=brighter)
    apart = AdversarialInferer(joint_pass=False)(images, network, image_adv=brighter)
    torch.testing.assert_close(apart.clean, network(images))
    torch.testing.assert_close(apart.adversarial, network(brighter))
    both = network(torch.cat([images, brighter]))
    torch.testing.assert_close(torch.cat([joint.clean, joint.adversarial]), both)
