import json
from pathlib import Path

import pytest
import torch
from torch import nn

from custom.attacks import PGD, perturbation_norm

VECTORS = json.loads((Path(__file__).parents[1] / "fixtures" / "vectors.json").read_text())


@pytest.mark.parametrize("case", VECTORS["pgd_l2_linear_softmax"])
def test_published_numbers(case):
    weight, bias, images, radii, expected = (
        torch.tensor(case[key], dtype=torch.float64) for key in ("weight", "bias", "x", "epsilon", "expected")
    )
    network = nn.Linear(*weight.T.shape).double()
    network.load_state_dict({"weight": weight, "bias": bias})
    attack = PGD(epsilon=0.3, steps=case["steps"], step_size=case["step_size"])
    found = attack(network, images, torch.tensor(case["labels"]), radii)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)


def linear(weight):
    network = nn.Linear(2, 2, bias=False)
    network.weight.data = torch.tensor(weight)
    return network


def test_one_step_by_hand():
    # Two logits z = W x. d CE / dx = p_1 (w_1 - w_0) points along (3, 4) whatever p_1 is.
    network, x, y = linear([[0.0, 0.0], [3.0, 4.0]]), torch.tensor([[0.5, 0.5]]), torch.tensor([0])
    step = torch.tensor([[0.6, 0.8]])
    attack = PGD(epsilon=0.3, steps=1, step_size=0.1)
    torch.testing.assert_close(attack(network, x, y), x + 0.1 * step)
    attack = PGD(epsilon=0.3, steps=4, step_size=0.1)
    torch.testing.assert_close(attack(network, x, y), x + 0.3 * step)
    attack = PGD(epsilon=0.3, steps=1, step_size=0.1, step_rule="sign")
    torch.testing.assert_close(attack(network, x, y), x + 0.1)
    attack = PGD(epsilon=0.3, steps=1, step_size=0.1, norm="linf")
    torch.testing.assert_close(attack(network, x, y), x + 0.1)
    attack = PGD(epsilon=0.3, steps=1, step_size=0.1, targeted=True)
    torch.testing.assert_close(attack(network, x, y), x - 0.1 * step)


def test_step_size_none_is_a_quarter_of_the_radius_of_the_call():
    network, x, y = linear([[0.0, 0.0], [3.0, 4.0]]), torch.tensor([[0.5, 0.5]]), torch.tensor([0])
    attack = PGD(epsilon=0.4, steps=1, norm="linf")
    torch.testing.assert_close(attack(network, x, y), x + 0.1)
    torch.testing.assert_close(attack(network, x, y, 0.04), x + 0.01)


def test_flat_loss_gives_no_nan():
    network = linear([[0.0, 0.0], [0.0, 0.0]])
    x = torch.rand(3, 2)
    for norm in ("l2", "linf"):
        assert torch.equal(PGD(epsilon=0.3, steps=3, norm=norm)(network, x, torch.zeros(3).long()), x)


def test_targeted_reaches_for_the_target(network, images, labels):
    attack = PGD(epsilon=1.0, steps=10, step_size=0.2, targeted=True)
    targets = (labels + 1) % 3
    before, after = (attack.loss(network, x, targets) for x in (images, attack(network, images, targets)))
    assert (after < before).all()


@pytest.mark.parametrize("norm", ["l2", "linf"])
def test_random_start_fills_the_ball_and_follows_its_seed(norm):
    x = torch.full((4000, 1, 2), 0.5)
    draws = [PGD(epsilon=0.2, steps=1, random_start=True, seed=seed, norm=norm) for seed in (1, 1, 2)]
    a, b, c = (attack.start(x, torch.full((4000,), 0.2)) for attack in draws)
    assert torch.equal(a, b)
    assert not torch.equal(a, c)
    sizes = perturbation_norm(a - x, norm)
    assert sizes.max() <= 0.2 + 1e-6
    # Uniform in a ball of two dimensions: the expected size is 2/3 of the radius, in either norm.
    assert sizes.mean().item() == pytest.approx(0.2 * 2 / 3, abs=0.003)
    assert (a - x).mean(0).abs().max() < 0.005


def test_restarts_keep_the_strongest(saturated_network, images, labels):
    def loss(restarts, **options):
        attack = PGD(epsilon=0.5, steps=2, step_size=0.1, random_start=True, restarts=restarts, **options)
        return attack.loss(saturated_network, attack(saturated_network, images, labels), labels)

    # The first start of both is the same, as they have one seed.
    assert (loss(5) >= loss(1) - 1e-5).all()
    assert loss(5).mean() > loss(1).mean()
    assert (loss(5, targeted=True) <= loss(1, targeted=True) + 1e-5).all()


def test_training_mode_uses_the_statistics_of_the_batch(network, images, labels):
    network[5].p = 0.0
    training = PGD(epsilon=0.3, steps=3, step_size=0.15, batch_norm="training")
    evaluation = PGD(epsilon=0.3, steps=3, step_size=0.15)
    found = training(network.eval(), images, labels)
    assert (found - evaluation(network, images, labels)).abs().max() > 1e-3
    assert (found[:2] - training(network, images[:2], labels[:2])).abs().max() > 1e-3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steps": 0}, "steps must be at least 1, not 0"),
        ({"steps": 1, "step_size": 0.0}, "step_size must be greater than 0"),
        ({"steps": 1, "norm": "l1"}, "Unknown norm 'l1'"),
        ({"steps": 1, "step_rule": "raw"}, "Unknown step_rule 'raw': use one of normalized, sign"),
        (
            {"steps": 1, "norm": "linf", "step_rule": "normalized"},
            "step_rule 'normalized' does not fit norm 'linf', whose ball it would hardly fill: leave step_rule out",
        ),
        ({"steps": 1, "restarts": 2}, "restarts must be 1, or more with random_start, not 2"),
    ],
)
def test_bad_configuration_is_one_sentence(arguments, message):
    with pytest.raises(ValueError, match=message):
        PGD(epsilon=0.3, **arguments)
