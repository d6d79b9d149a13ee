import json
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from torch import nn

from custom.attacks import PGD, Misclassified, perturbation_norm

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
    attack = PGD(epsilon=0.1, steps=1, step_size=0.1)
    torch.testing.assert_close(attack(network, x, y), x + 0.1 * step)
    attack = PGD(epsilon=0.3, steps=4, step_size=0.1)
    torch.testing.assert_close(attack(network, x, y), x + 0.3 * step)
    attack = PGD(epsilon=0.3, steps=1, step_size=0.1, step_rule="sign")
    torch.testing.assert_close(attack(network, x, y), x + 0.1)
    attack = PGD(epsilon=0.1, steps=1, step_size=0.1, norm="linf")
    torch.testing.assert_close(attack(network, x, y), x + 0.1)
    attack = PGD(epsilon=0.1, steps=1, step_size=0.1, targeted=True)
    torch.testing.assert_close(attack(network, x, y), x - 0.1 * step)


def first_step(attack, epsilon):
    """How far the first step goes on a linear network, in a ball that does not stop it."""
    network, x, y = linear([[0.0, 0.0], [3.0, 4.0]]), torch.tensor([[0.5, 0.5]]), torch.tensor([0])
    return perturbation_norm(attack.run(network, x, y, epsilon).iterates[1] - x, attack.norm).item()


def test_steps_are_a_fraction_of_the_radius_in_force():
    quarter = PGD(epsilon=0.4, steps=5, norm="linf")
    assert first_step(quarter, None) == pytest.approx(0.1)
    assert first_step(quarter, 0.04) == pytest.approx(0.01)
    half = PGD(epsilon=0.4, steps=5, step_fraction=0.5)
    assert first_step(half, None) == pytest.approx(0.2)
    assert first_step(half, 0.1) == pytest.approx(0.05)
    assert first_step(half.with_epsilon(0.2), None) == pytest.approx(0.1)
    fixed = PGD(epsilon=0.4, steps=5, step_size=0.1)
    assert first_step(fixed, 0.2) == pytest.approx(0.1)
    # Fewer than four steps have to be longer to arrive.
    torch.testing.assert_close(PGD(epsilon=0.3, steps=2).step_length(torch.tensor([0.3])), torch.tensor([0.15]))


def test_cosine_steps_fall_from_the_radius_to_zero():
    network, x, y = linear([[0.0, 0.0], [3.0, 4.0]]), torch.tensor([[0.5, 0.5]]), torch.tensor([0])
    attack = PGD(epsilon=0.1, steps=4, step_schedule="cosine")
    # A radius far out of reach keeps projections away; the first step is still that of the radius.
    iterates = (
        PGD(epsilon=0.1, steps=4, step_size=0.1, step_schedule="cosine")
        .run(network, x, y, torch.tensor([9.0]))
        .iterates
    )
    lengths = [perturbation_norm(b - a).item() for a, b in pairwise(iterates)]
    assert lengths == pytest.approx([0.1 * factor for factor in (1, (2 + 2**0.5) / 4, 0.5)], rel=1e-5)
    torch.testing.assert_close(attack(network, x, y), x + 0.1 * torch.tensor([[0.6, 0.8]]))


def test_flat_loss_gives_no_nan():
    network = linear([[0.0, 0.0], [0.0, 0.0]])
    x = torch.rand(3, 2)
    for norm in ("l2", "linf"):
        assert torch.equal(PGD(epsilon=0.3, steps=3, norm=norm)(network, x, torch.zeros(3).long()), x)


def test_targeted_reaches_for_the_target(network, images, labels):
    attack = PGD(epsilon=1.0, steps=10, step_size=0.2, targeted=True)
    targets = (labels + 1) % 3
    before, after = (attack.cross_entropy(network, x, targets) for x in (images, attack(network, images, targets)))
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
        attack = PGD(epsilon=0.2, steps=2, step_size=0.1, random_start=True, restarts=restarts, **options)
        return attack.cross_entropy(saturated_network, attack(saturated_network, images, labels), labels)

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
        ({"steps": 0}, "steps must be a whole number, at least 1, not 0"),
        ({"steps": 1.5}, "steps must be a whole number, at least 1, not 1.5"),
        ({"steps": 9, "step_size": float("inf")}, "step_size must be greater than 0 and finite, not inf"),
        ({"steps": 9, "step_size": float("nan")}, "step_size must be greater than 0 and finite, not nan"),
        ({"steps": 9, "step_size": "long"}, "step_size must be greater than 0 and finite, not long"),
        ({"steps": "many"}, "steps must be a whole number, at least 1, not many"),
        ({"steps": 9, "step_fraction": -0.5}, "step_fraction must be greater than 0 and finite, not -0.5"),
        ({"steps": 9, "step_size": 0.1, "step_fraction": 0.5}, "Pass step_size or step_fraction, not both"),
        ({"steps": 9, "step_schedule": "linear"}, "Unknown step_schedule 'linear'; use one of constant, cosine"),
        ({"steps": 9, "loss": "dlr"}, "Unknown loss 'dlr'; use one of cross_entropy, margin, kl"),
        ({"steps": 9, "loss": "kl"}, "The loss 'kl' has no gradient at the image; pass random_start or start_noise"),
        ({"steps": 9, "start_noise": -1.0}, "start_noise must be a finite number >= 0, not -1.0"),
        ({"steps": 9, "start_noise": 0.1, "random_start": True}, "Pass random_start or start_noise, not both"),
        ({"steps": 9, "stop": Misclassified(), "targeted": True}, "stop works for untargeted attacks with one start"),
        (
            {"steps": 2, "step_size": 0.1},
            r"The steps \(2, the first of 0.1\) reach 0.2, not the radius 0.3: use more or longer ones",
        ),
        ({"steps": 3, "step_fraction": 0.25}, r"The steps \(3, the first of 0.075\) reach 0.225, not the radius 0.3"),
        ({"steps": 3, "step_size": 0.1, "step_schedule": "cosine"}, "reach 0.2, not the radius 0.3"),
        ({"steps": 1, "step_size": 0.0}, "step_size must be greater than 0 and finite, not 0.0"),
        ({"steps": 1, "norm": "l1"}, "Unknown norm 'l1'"),
        ({"steps": 1, "step_rule": "raw"}, "Unknown step_rule 'raw'; use one of normalized, sign"),
        (
            {"steps": 1, "norm": "linf", "step_rule": "normalized"},
            "step_rule 'normalized' does not fit norm 'linf', whose ball it would hardly fill; leave step_rule out",
        ),
        ({"steps": 1, "restarts": 2}, "restarts must be 1, or more with random_start, not 2"),
    ],
)
def test_bad_configuration_is_one_sentence(arguments, message):
    with pytest.raises(ValueError, match=message):
        PGD(epsilon=0.3, **arguments)


def test_one_radius_out_of_reach_is_refused_and_radii_per_sample_are_not(network, images, labels):
    attack = PGD(epsilon=0.3, steps=7, step_size=0.15)
    with pytest.raises(ValueError, match=r"The steps \(7, the first of 0.15\) reach 1.05, not the radius 1.1"):
        attack(network, images, labels, 1.1)
    with pytest.raises(ValueError, match="not the radius 8"):
        attack.with_epsilon(8)
    assert attack(network, images, labels, torch.full((6,), 1.1)).shape == images.shape
    # The sign's length in the l2 norm depends on the number of values.
    PGD(epsilon=0.3, steps=7, step_size=0.01, step_rule="sign")


def test_random_starts_begin_again_after_a_reset(network, images, labels):
    attack = PGD(epsilon=0.3, steps=4, random_start=True, seed=5)
    first, second = (attack(network, images, labels) for _ in range(2))
    assert not torch.equal(first, second)
    attack.reset()
    assert torch.equal(attack(network, images, labels), first)
    assert torch.equal(attack.with_epsilon(0.3)(network, images, labels), first)
    attack.reset(6)
    assert not torch.equal(attack(network, images, labels), first)


def test_start_noise_is_gaussian_and_stays_in_the_ball():
    attack = PGD(epsilon=0.3, steps=4, start_noise=0.001, loss="kl")
    x = torch.full((2, 3, 100, 100), 0.5)
    noise = attack.start(x, torch.tensor([9.0, 0.1])) - x
    assert noise[0].std().item() == pytest.approx(0.001, rel=0.02)
    # 173 values of 0.001 in the l2 norm, projected.
    assert perturbation_norm(noise).tolist() == pytest.approx([0.173, 0.1], rel=0.02)
