import sys

import pytest
import torch
from torch import nn

from custom.attacks import PGD, AutoAttack, SquareAttack, perturbation_norm
from custom.attacks.autoattack import standard_parts


@pytest.mark.parametrize(
    ("classes", "parts"),
    [
        (2, ("apgd-ce", "fab-t", "square")),
        (3, ("apgd-ce", "apgd-dlr", "fab-t", "square")),
        (4, ("apgd-ce", "apgd-t", "fab-t", "square")),
    ],
)
def test_parts_that_the_classes_allow(classes, parts):
    assert standard_parts(classes) == parts
    name = AutoAttack(epsilon=0.1, num_classes=classes).name
    assert all(part.upper() in name for part in parts)


@pytest.fixture
def problem():
    """A network that is right on all its images, some of which an attack can turn."""

    def make(classes):
        torch.manual_seed(0)
        network = nn.Sequential(
            nn.Conv2d(3, 4, 3, 2), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(36, classes)
        ).eval()
        images = torch.rand(8, 3, 8, 8)
        return network, images, network(images).argmax(1)

    return make


@pytest.mark.parametrize(
    ("classes", "norm", "epsilon"),
    [
        (2, "l2", 0.5),
        (3, "l2", 0.5),
        (3, "linf", 0.04),
        (5, "linf", 0.04),
        *(pytest.param(*case, marks=pytest.mark.slow) for case in ((2, "linf", 0.04), (5, "l2", 0.5))),
    ],
)
def test_in_the_ball_and_at_least_as_strong_as_pgd(problem, classes, norm, epsilon):
    network, images, labels = problem(classes)
    attack = AutoAttack(epsilon=epsilon, num_classes=classes, norm=norm, square_queries=100)
    random_state = torch.get_rng_state()
    trace = sys.gettrace()
    found = attack(network.train(), images, labels)
    assert network.training
    assert sys.gettrace() is trace
    assert torch.equal(torch.get_rng_state(), random_state)
    assert perturbation_norm(found - images, norm).max() <= epsilon + 1e-6
    assert found.min() >= 0
    assert found.max() <= 1

    network.eval()
    pgd = PGD(epsilon=epsilon, steps=20, norm=norm)(network, images, labels)
    fooled, fooled_by_pgd = (network(x).argmax(1) != labels for x in (found, pgd))
    assert fooled.sum() >= fooled_by_pgd.sum()
    assert fooled.any()
    # What withstood comes back unchanged, and the same seed gives the same images.
    assert torch.equal(found[~fooled], images[~fooled])
    if classes == 3:
        assert torch.equal(attack(network, images, labels), found)


def test_own_warnings_are_kept_once(problem):
    network, images, labels = problem(3)
    attack = AutoAttack(epsilon=0.5, num_classes=3, square_queries=1)
    probabilities = nn.Sequential(network, nn.Softmax(1))
    attack(probabilities, images, labels)
    attack(probabilities, images, labels)
    assert sum("probability distribution" in message for message in attack.warnings) == 1


def test_copies_at_other_radii_share_no_warnings(problem):
    network, images, labels = problem(3)
    attack = AutoAttack(epsilon=0.5, num_classes=3, square_queries=1)
    other = attack.with_epsilon(0.25)
    attack(nn.Sequential(network, nn.Softmax(1)), images, labels)
    assert attack.warnings
    assert other.warnings == []
    assert (other.epsilon, other.square_queries, other.parts) == (0.25, 1, attack.parts)
    attack.reset()
    assert attack.warnings == []


class OfMiddleSlice(nn.Module):
    """A network of volumes that sees one slice alone."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, volumes):
        return self.network(volumes[..., 1])


def test_the_slices_of_volumes_are_channels(problem):
    network, images, labels = problem(3)
    attack = AutoAttack(epsilon=0.5, num_classes=3, parts=["apgd-ce"])
    volumes = torch.stack([images * 0, images, images * 0 + 1], -1)
    found = attack(OfMiddleSlice(network), volumes, labels)
    # No gradient leads to the other slices, so the whole radius is spent on the one that counts.
    torch.testing.assert_close(found[..., [0, 2]], volumes[..., [0, 2]], atol=1e-3, rtol=0)
    fooled = network(found[..., 1]).argmax(1) != labels
    assert torch.equal(fooled, network(attack(network, images, labels)).argmax(1) != labels)
    square = SquareAttack(epsilon=0.5, num_classes=3, square_queries=20)(OfMiddleSlice(network), volumes, labels)
    assert square.shape == volumes.shape
    assert perturbation_norm(square - volumes, "l2").max() <= 0.5 + 1e-5


def test_epsilon_zero_is_the_identity(problem):
    network, images, labels = problem(3)
    assert torch.equal(AutoAttack(epsilon=0.5, num_classes=3)(network, images, labels, 0), images)


def test_what_it_cannot_do_is_one_sentence(problem):
    network, images, labels = problem(3)
    attack = AutoAttack(epsilon=0.5, num_classes=3)
    with pytest.raises(ValueError, match="one epsilon for all samples"):
        attack(network, images, labels, torch.linspace(0, 1, 8))
    with pytest.raises(ValueError, match="num_classes is 4, but the network has 3 classes"):
        AutoAttack(epsilon=0.5, num_classes=4)(network, images, labels)
    with pytest.raises(ValueError, match="takes two or three spatial dimensions, not 1"):
        attack(network, images[..., 0], labels)
    with pytest.raises(ValueError, match="images in float32, not float64"):
        attack(network.double(), images.double(), labels)
    with pytest.raises(ValueError, match="Unknown part 'pgd' of AutoAttack; use some of apgd-ce, apgd-dlr"):
        AutoAttack(epsilon=0.5, num_classes=3, parts=["pgd"])
    with pytest.raises(ValueError, match=r"AutoAttack is untargeted, and for images in \[0, 1\]"):
        AutoAttack(epsilon=0.5, num_classes=3, targeted=True)
    with pytest.raises(ValueError, match="at least 2 classes, not 1"):
        AutoAttack(epsilon=0.5, num_classes=1)
    with pytest.raises(ValueError, match="square_queries must be a whole number, at least 1, not 0"):
        AutoAttack(epsilon=0.5, num_classes=3, square_queries=0)
