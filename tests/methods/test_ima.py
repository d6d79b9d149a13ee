import pytest
import torch

from custom.attacks import PGD, perturbation_norm
from custom.methods.ima import IMA

ATTACK = PGD(epsilon=2.0, step_size=0.5, steps=4)
NAMES = list("abcdef")


@pytest.fixture
def two_classes():
    """A plane: class 0 where the first value is below 1/2, a boundary whose distance is known."""
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(48, 3))
    with torch.no_grad():
        network[1].weight.zero_()
        network[1].weight[1, 0] = 4.0
        network[1].bias.copy_(torch.tensor([0.0, -2.0, -9.0]))
    return network


def test_an_example_that_breaks_is_moved_onto_the_boundary(two_classes, images):
    method = IMA(ATTACK, epsilon_max=0.4, delta_epsilon=0.1)
    images, labels = images.clone(), torch.tensor([0, 0, 0, 1, 1, 1])
    images[:, 0, 0, 0] = torch.tensor([0.45, 0.3, 0.6, 0.95, 0.53, 0.1])
    own = torch.tensor([0.2, 0.1, 0.2, 0.4, 0.1, 0.3], dtype=torch.float64)
    method.radii.update(NAMES, own)
    state = type("State", (), {"batch": {"image_id": NAMES}, "epoch": 1})
    engine = type("Engine", (), {"state": state})
    examples = method.perturb(engine, two_classes, images, labels)
    moved = examples.images_adv - images
    # Broken at 0.05 and 0.03; grown to 0.2; misclassified when clean, and left alone; grown, and capped at 0.4.
    expected = [0.05, 0.2, 0.2, 0.4, 0.03, 0.3]
    assert method.radii.lookup(NAMES, 9.0).tolist() == pytest.approx(expected, abs=2e-4)
    assert perturbation_norm(moved).tolist() == pytest.approx([0.05, 0.1, 0.0, 0.4, 0.03, 0.0], abs=2e-4)
    broken = examples.statistics["broken"].values
    assert broken.tolist() == [True, False, False, False, True, False]
    # They lie on the far side of the boundary.
    assert (two_classes(examples.images_adv).argmax(1) != labels)[broken].all()


def test_radii_start_at_delta_and_grow_to_the_largest(network, perturb):
    method = IMA(PGD(epsilon=0.001, steps=4), delta_epsilon=0.0006)
    _, first = perturb(method)
    assert first["epsilon"].tolist() == pytest.approx([0.0006] * 6)
    _, second = perturb(method)
    assert set(second["epsilon"].tolist()) <= {0.0006, 0.001}
    assert second["epsilon"].max() == 0.001


def test_defaults_are_those_of_the_source():
    method = IMA(ATTACK)
    assert (method.epsilon_max, method.delta_epsilon, method.attack.steps) == (2.0, 0.2, 20)
    assert method.attack.step_length(torch.tensor([0.5])).item() == pytest.approx(4 * 0.5 / 20)
    assert (method.loss.alpha, method.loss.beta) == (0.5, 0.0)


@pytest.mark.parametrize("name", ["epsilon_max", "delta_epsilon"])
def test_bad_values(name):
    with pytest.raises(ValueError, match=f"{name} must be a number of at least 0, got -1"):
        IMA(ATTACK, **{name: -1})
