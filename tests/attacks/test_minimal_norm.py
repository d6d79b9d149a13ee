import functools

import foolbox
import pytest
import torch
from torch import nn

from custom.attacks import MinimalNormAttack, StrongAttack, perturbation_norm

from .trained import correct, trained_network


@functools.cache
def smallest_radii(robust, norm, epsilon):
    """Of the trained network's images; more than one test needs them."""
    network, images, labels = trained_network(robust)
    return MinimalNormAttack(epsilon=epsilon, norm=norm).radii(network, images, labels)


@pytest.mark.parametrize(("norm", "dual"), [("l2", 2), ("linf", 1)])
def test_distances_to_the_boundary_of_a_linear_network(norm, dual):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(12, 2)).double()
    images = torch.rand(16, 3, 2, 2, dtype=torch.float64)
    logits = network(images).detach()
    labels = logits.argmax(1)
    # To the plane between the classes: the difference of logits by the dual norm of the difference of weights.
    weight = network[1].weight.detach()
    expected = (logits[:, 0] - logits[:, 1]).abs() / torch.linalg.vector_norm(weight[0] - weight[1], ord=dual)
    epsilon = expected.median().item() + 1e-3
    radii = MinimalNormAttack(epsilon=epsilon, norm=norm, bounds=(-9.0, 9.0)).radii(network, images, labels)
    found = radii.isfinite()
    assert torch.equal(found, expected < epsilon)
    assert 0 < found.sum() < 16
    torch.testing.assert_close(radii[found], expected[found], rtol=2e-3, atol=1e-6)
    assert (radii >= expected * (1 - 1e-9))[found].all()


def test_misclassified_images_have_radius_zero_and_come_back_unchanged():
    network, images, labels = trained_network()
    attack = MinimalNormAttack(epsilon=1.0)
    wrong = ~correct(network, images, labels)
    assert wrong.sum() == 4
    assert torch.equal(smallest_radii(True, "l2", 1.0) == 0, wrong)
    some = wrong | (torch.arange(len(images)) < 16)
    found = attack(network, images[some], labels[some])
    assert torch.equal(found[wrong[some]], images[wrong])


def test_nothing_beyond_epsilon_and_the_rest_unchanged():
    network, images, labels = trained_network()
    attack = MinimalNormAttack(epsilon=0.2)
    radii, found = attack.radii(network, images, labels), attack(network, images, labels)
    fooled = ~correct(network, found, labels)
    assert torch.equal(radii.isfinite(), fooled)
    assert 0 < fooled.sum() < 128
    assert radii[fooled].max() <= 0.2
    torch.testing.assert_close(perturbation_norm(found - images)[fooled], radii[fooled])
    assert torch.equal(found[~fooled], images[~fooled])
    # One radius per sample limits each search.
    none = attack.radii(network, images, labels, torch.zeros(128))
    assert torch.equal(none.isfinite(), ~correct(network, images, labels))


@pytest.mark.parametrize("robust", [True, False])
@pytest.mark.parametrize(
    ("norm", "epsilon", "library"),
    [("l2", 3.0, foolbox.attacks.DDNAttack), ("linf", 0.5, foolbox.attacks.LInfFMNAttack)],
)
def test_no_larger_than_those_of_foolbox(robust, norm, epsilon, library):
    network, images, labels = trained_network(robust)
    radii = smallest_radii(robust, norm, epsilon)
    assert radii.isfinite().all()
    model = foolbox.PyTorchModel(network, bounds=(0, 1))
    _, images_adv, fooled = library(steps=100)(model, images, labels, epsilons=None)
    theirs = torch.where(fooled, perturbation_norm(images_adv - images, norm), torch.inf)
    # A search that finds other minima on single images, but none worse on the whole.
    assert (radii <= theirs * 1.01).float().mean() >= 0.95
    assert radii.median() <= theirs.median() * 1.001


@pytest.mark.parametrize(("norm", "epsilon"), [("l2", 0.15), ("l2", 0.3), ("linf", 8 / 255)])
def test_robust_accuracy_agrees_with_the_strong_attack(norm, epsilon):
    network, images, labels = trained_network()
    radii = smallest_radii(True, norm, 1.0)
    survives = correct(network, StrongAttack(epsilon=epsilon, norm=norm)(network, images, labels), labels)
    assert torch.equal(radii > epsilon, survives)


def test_targets_are_reached_that_are_about_as_near():
    network, images, labels = trained_network()
    targets = (labels + 1) % 3
    attack = MinimalNormAttack(epsilon=3.0, targeted=True)
    found = attack(network, images, targets)
    assert correct(network, found, targets).all()
    radii = perturbation_norm(found - images)
    larger = radii >= smallest_radii(True, "l2", 3.0) * 0.85
    assert larger[correct(network, images, labels)].all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steps": 0}, "steps must be a whole number, at least 1, not 0"),
        ({"step_size": float("inf")}, "step_size must be greater than 0 and finite, not inf"),
        ({"gamma": 1.0}, r"gamma must lie between 0 and 1, not 1\.0"),
        ({"epsilon": float("inf")}, "epsilon must be a finite number >= 0, not inf"),
    ],
)
def test_bad_configuration_is_one_sentence(arguments, message):
    with pytest.raises(ValueError, match=message):
        MinimalNormAttack(**{"epsilon": 0.3, **arguments})
