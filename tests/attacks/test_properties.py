"""What must hold for every attack, image shape, precision and radius."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from custom.attacks import FGSM, IFGSM, PGD, perturbation_norm

from .conftest import Classifier, make_images

radii = st.sampled_from([0.0, 1e-8, 1e-3, 1 / 255, 0.15, 0.3, 1.0, 50.0])


@st.composite
def problems(draw):
    """A network, a batch and an attack, with one radius per sample."""
    rank, channels, count = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 4))
    dtype = draw(st.sampled_from([torch.float32, torch.float64]))
    shape = draw(st.lists(st.integers(2, 6), min_size=rank, max_size=rank))
    images = make_images(count, channels, *shape, seed=draw(st.integers(0, 99))).to(dtype)
    labels = torch.tensor(draw(st.lists(st.integers(0, 2), min_size=count, max_size=count)))
    epsilon = torch.tensor(draw(st.lists(radii, min_size=count, max_size=count)), dtype=dtype)
    network = Classifier(rank, channels, scale=draw(st.sampled_from([1.0, 40.0]))).to(dtype)
    steps, norm = draw(st.integers(1, 4)), draw(st.sampled_from(["l2", "linf"]))
    attack = draw(
        st.sampled_from(
            [
                FGSM(epsilon=0.1),
                IFGSM(epsilon=0.1, steps=steps),
                PGD(epsilon=0.1, steps=steps, norm=norm),
                PGD(epsilon=0.1, steps=steps, step_size=0.15, norm=norm),
                PGD(epsilon=0.1, steps=steps, step_size=0.15, norm=norm, step_rule="sign", targeted=True),
                PGD(epsilon=0.1, steps=steps, norm=norm, random_start=True, restarts=2),
            ]
        )
    )
    return network, images, labels, epsilon, attack


@settings(max_examples=120, deadline=None)
@given(problems())
def test_in_the_ball_in_bounds_and_finite(problem):
    network, images, labels, epsilon, attack = problem
    found = attack(network, images, labels, epsilon)
    assert found.shape == images.shape
    assert found.dtype == images.dtype
    assert found.isfinite().all()
    assert found.min() >= 0
    assert found.max() <= 1
    assert (perturbation_norm(found - images, attack.norm) <= epsilon * (1 + 1e-6) + 1e-6).all()
    still = epsilon == 0
    assert torch.equal(found[still], images[still])


@settings(max_examples=60, deadline=None)
@given(problems())
def test_deterministic_and_independent_of_the_batch(problem):
    network, images, labels, epsilon, attack = problem
    if attack.random_start:
        return
    found = attack(network, images, labels, epsilon)
    assert torch.equal(found, attack(network, images, labels, epsilon))
    for i in range(len(images)):
        one = slice(i, i + 1)
        alone = attack(network, images[one], labels[one], epsilon[one])
        # A sign may flip where a gradient is zero up to rounding, which the summation's order decides.
        near = (alone - found[one]).abs() <= 1e-4
        assert near.all() or (attack.step_rule == "sign" and near.double().mean() > 0.9)


@pytest.mark.parametrize("norm", ["l2", "linf"])
def test_more_steps_are_no_weaker_on_average(norm):
    network, images = Classifier(), make_images(32, 3, 9, 9)
    labels = torch.arange(32) % 3
    losses = []
    for steps in (1, 2, 4, 8, 16):
        attack = PGD(epsilon=0.3 if norm == "l2" else 0.03, steps=steps, norm=norm)
        losses.append(attack.cross_entropy(network, attack(network, images, labels), labels).mean().item())
    assert losses == sorted(losses)
