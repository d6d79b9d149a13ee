import pytest
import torch

from custom.attacks import FGSM, PGD, Attack, AttackEnsemble, AutoAttack, SquareAttack

from .trained import correct, trained_network


class Recording(Attack):
    """Notes what it is asked to attack, and returns it as it is."""

    def perturb(self, network, images, labels, epsilon):
        self.seen = images
        return images


def test_later_attacks_get_only_survivors_and_padding():
    network, images, labels = trained_network()
    first, second = PGD(epsilon=0.15, steps=20), Recording(epsilon=0.15)
    expected = first(network, images, labels)
    found = AttackEnsemble([first, second])(network, images, labels)
    assert torch.equal(found, expected)
    survivors = images[correct(network, expected, labels)]
    assert torch.equal(second.seen[: len(survivors)], survivors)
    assert len(second.seen) == len(survivors) + -len(survivors) % 8


def test_nothing_is_left_for_the_second():
    network, images, labels = trained_network()
    second = Recording(epsilon=2.0)
    found = AttackEnsemble([PGD(epsilon=2.0, steps=20), second])(network, images, labels)
    assert not correct(network, found, labels).any()
    assert not hasattr(second, "seen")


def test_square_adds_nothing_to_sound_gradients_and_finds_masked_ones():
    network, images, labels = trained_network()

    class Masked(torch.nn.Module):
        """The same predictions with gradients of zero nearly everywhere."""

        def forward(self, images):
            return network((images * 64).round() / 64)

    square = {"epsilon": 16 / 255, "norm": "linf", "num_classes": 3, "square_queries": 300}
    for attacked, least, most in ((network, 0, 0), (Masked(), 30, 128)):
        pgd = PGD(epsilon=16 / 255, steps=20, norm="linf")
        ensemble = AttackEnsemble([pgd, SquareAttack(**square)])
        alone, both = (correct(attacked, attack(attacked, images, labels), labels).sum() for attack in (pgd, ensemble))
        assert least <= alone - both <= most


def test_copies_share_nothing():
    random = PGD(epsilon=0.3, steps=4, random_start=True)
    ensemble = AttackEnsemble([random, AutoAttack(epsilon=0.3, num_classes=3)])
    ensemble.attacks[1].warnings.append("a warning")
    other = ensemble.with_epsilon(0.2)
    assert [attack.epsilon for attack in other.attacks] == [other.epsilon] * 2 == [0.2] * 2
    assert (ensemble.warnings, other.warnings) == (["a warning"], [])
    network, images, labels = trained_network()
    first = random(network, images, labels)
    ensemble.reset()
    assert ensemble.warnings == []
    assert torch.equal(random(network, images, labels), first)
    assert ensemble.exact
    assert not AttackEnsemble([PGD(epsilon=0.3, steps=4, accelerations="bfloat16")]).exact


def test_attacks_that_do_not_fit_are_one_sentence():
    with pytest.raises(ValueError, match="at least one attack"):
        AttackEnsemble([])
    with pytest.raises(ValueError, match="must have the same norm, not linf and l2"):
        AttackEnsemble([FGSM(epsilon=0.3), PGD(epsilon=0.3, steps=4)])
    with pytest.raises(ValueError, match=r"must have the same epsilon, not 0\.1 and 0\.3"):
        AttackEnsemble([FGSM(epsilon=0.1), FGSM(epsilon=0.3)])
