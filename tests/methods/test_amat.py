from types import SimpleNamespace

import pytest
import torch
from torch.nn import functional as F

from custom.attacks import PGD, perturbation_norm
from custom.methods.amat import AMAT

ATTACK = PGD(epsilon=0.3, step_size=0.15, steps=3, norm="l2")
IMAGES, LABELS = torch.rand(4, 3, 2, 2, generator=torch.Generator().manual_seed(0)), torch.arange(4) % 3
NAMES = ["a", "b", "c", "d"]


def perturb(handler, network):
    engine = SimpleNamespace(state=SimpleNamespace(batch={"image_id": NAMES}))
    examples = handler.perturb(engine, network, IMAGES, LABELS)
    return examples.images_adv, {name: statistic.values for name, statistic in examples.statistics.items()}


def test_two_epochs_by_hand():
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 3)).eval()
    first = ATTACK(network, IMAGES, LABELS, 0.3)
    loss = F.cross_entropy(network(first), LABELS, reduction="none").double()
    xi = loss.median().item() + 1e-4  # so that there are easy and hard images
    handler = AMAT(ATTACK, xi=xi)

    images_adv, statistics = perturb(handler, network)
    assert torch.equal(images_adv, first)
    assert statistics["epsilon"].tolist() == [0.3] * 4
    norm = perturbation_norm(first - IMAGES).double()
    expected = torch.where(loss < xi, 0.3 + 0.03, (0.3 + norm) / 2)
    torch.testing.assert_close(handler.radii.lookup(NAMES, 0.0), expected)
    assert len(set((loss < xi).tolist())) == 2

    images_adv, statistics = perturb(handler, network)
    torch.testing.assert_close(statistics["epsilon"], expected)
    torch.testing.assert_close(images_adv, ATTACK(network, IMAGES, LABELS, expected))


def test_easy_images_grow_to_twice_epsilon_and_no_further():
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 3))
    handler = AMAT(ATTACK, xi=1e9, delta_epsilon=0.2)
    for expected in (0.5, 0.6, 0.6):
        perturb(handler, network)
        assert handler.radii.lookup(NAMES, 0.0).tolist() == pytest.approx([expected] * 4)


@pytest.mark.parametrize("xi", [None, 0.0, -1.0])
def test_xi_is_needed(xi):
    with pytest.raises(ValueError, match=r"AMAT needs xi, .*compute_xi\.py"):
        AMAT(ATTACK, xi=xi)
