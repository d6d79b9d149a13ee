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
    handler = AMAT(ATTACK, xi=xi, stop_at_xi=False)

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


def test_the_attack_stops_at_xi_so_that_radii_shrink():
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 3)).eval()
    with torch.no_grad():
        clean, end = (
            F.cross_entropy(network(x), LABELS, reduction="none") for x in (IMAGES, ATTACK(network, IMAGES, LABELS))
        )
    xi = ((clean + end) / 2).median().item()
    handler = AMAT(ATTACK, xi=xi)
    images_adv, statistics = perturb(handler, network)
    with torch.no_grad():
        reached = F.cross_entropy(network(images_adv), LABELS, reduction="none") >= xi
    norm, radii = perturbation_norm(images_adv - IMAGES).double(), handler.radii.lookup(NAMES, 0.0)
    assert set(reached.tolist()) == {True, False}
    # Those that reached xi stopped before the sphere, and their radii shrink by half the way.
    torch.testing.assert_close(radii, torch.where(reached, (0.3 + norm) / 2, 0.33))
    assert (norm[reached & (clean >= xi)] == 0).all()
    assert (norm[reached] <= 0.3 + 1e-6).all()
    assert norm[reached].min() < 0.3 - 1e-3
    assert statistics["shrunk"].tolist() == (norm < 0.3 - 1e-6).logical_and(reached).tolist()
    assert statistics["grown"].tolist() == (~reached).tolist()


def test_while_the_radius_rises_the_table_stays_in_units_of_the_preset_one():
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 3)).eval()
    handler = AMAT(ATTACK, xi=1e9)
    handler.scale_epsilon(0.5)
    images_adv, statistics = perturb(handler, network)
    norm = perturbation_norm(images_adv - IMAGES)
    assert (norm <= 0.15 + 1e-6).all()
    assert norm.max() > 0.149
    assert statistics["epsilon"].tolist() == pytest.approx([0.15] * 4)
    assert handler.radii.lookup(NAMES, 0.0).tolist() == pytest.approx([0.33] * 4)
