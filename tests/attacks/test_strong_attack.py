import pytest
import torch

from custom.attacks import PGD, AutoAttack, StrongAttack, perturbation_norm

from .trained import Scaled, correct, trained_network


def surviving(attack, attacked, network, images, labels):
    """How many images the network still recognizes when the attack saw another one."""
    return int(correct(network, attack(attacked, images, labels), labels).sum())


def test_the_margin_is_not_misled_by_the_scale_of_the_logits():
    network, images, labels = trained_network()
    scaled = Scaled(network, 300.0)
    assert int(correct(network, images, labels).sum()) == 124
    cross_entropy = PGD(epsilon=0.3, steps=20, step_fraction=0.5)
    margin = PGD(epsilon=0.3, steps=20, step_schedule="cosine", loss="margin")
    strong = StrongAttack(epsilon=0.3)
    for attack, plain, with_scale in ((cross_entropy, 42, 120), (margin, 33, 33), (strong, 32, 33)):
        assert surviving(attack, network, network, images, labels) == plain
        assert surviving(attack, scaled, network, images, labels) == with_scale


@pytest.mark.parametrize(
    ("robust", "norm", "epsilon"),
    [
        (True, "l2", 0.3),
        (True, "linf", 8 / 255),
        (False, "l2", 0.3),
        pytest.param(True, "l2", 0.15, marks=pytest.mark.slow),
    ],
)
def test_is_as_strong_as_autoattack_image_by_image(robust, norm, epsilon):
    network, images, labels = trained_network(robust)
    options = {"epsilon": epsilon, "norm": norm}
    found = StrongAttack(**options)(network, images, labels)
    assert perturbation_norm(found - images, norm).max() <= epsilon * (1 + 1e-5)
    assert found.min() >= 0
    assert found.max() <= 1
    autoattack = AutoAttack(num_classes=3, square_queries=50, **options)
    expected = correct(network, autoattack(network, images, labels), labels)
    assert 0 < expected.sum() < 100
    assert torch.equal(correct(network, found, labels), expected)


def test_each_image_is_the_worst_of_both_losses():
    network, images, labels = trained_network()
    strong = StrongAttack(epsilon=0.3)
    parts = [
        PGD(epsilon=0.3, steps=20, step_schedule="cosine", loss=loss)(network, images, labels)
        for loss in ("cross_entropy", "margin")
    ]
    found = strong(network, images, labels)
    survives = [correct(network, part, labels) for part in parts]
    assert torch.equal(correct(network, found, labels), survives[0] & survives[1])
    # Those that withstand come back as the one with the larger loss, for measures that need probabilities.
    both = survives[0] & survives[1]
    losses = torch.stack([strong.cross_entropy(network, part, labels) for part in parts])
    torch.testing.assert_close(strong.cross_entropy(network, found, labels)[both], losses.amax(0)[both])


def test_exact_accelerations_and_other_radii_change_nothing_else():
    network, images, labels = trained_network()
    plain = StrongAttack(epsilon=0.15)
    fast = StrongAttack(epsilon=0.3, accelerations="exact").with_epsilon(0.15)
    assert (fast.epsilon, len(fast.accelerations)) == (0.15, 4)
    found, expected = fast(network, images, labels), plain(network, images, labels)
    assert torch.equal(correct(network, found, labels), correct(network, expected, labels))
    radii = torch.full((128,), 0.15)
    assert torch.equal(StrongAttack(epsilon=0.3)(network, images, labels, radii), expected)


def test_targets_are_reached():
    network, images, labels = trained_network()
    targets = (labels + 1) % 3
    attack = StrongAttack(epsilon=1.5, targeted=True)
    assert correct(network, attack(network, images, targets), targets).float().mean() > 0.9


def test_bad_steps_are_one_sentence():
    with pytest.raises(ValueError, match="steps must be a whole number, at least 1, not 0"):
        StrongAttack(epsilon=0.3, steps=0)
