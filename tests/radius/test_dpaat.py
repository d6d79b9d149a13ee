import json
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from custom.radius import dpaat_radius

VECTORS = json.loads((Path(__file__).parents[1] / "fixtures" / "vectors.json").read_text())["radius_dpaat"]


def tensor(values):
    return torch.tensor(values, dtype=torch.float64)


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: f"{case['kind']}, epsilon {case['epsilon']}")
def test_check_numbers(case):
    radius = dpaat_radius(
        tensor(case["loss_clean"]),
        tensor(case["loss_adv"]),
        tensor(case["norm"]),
        epsilon=case["epsilon"],
        delta_loss_mean_floor=case["delta_loss_mean_floor"],
    )
    expected = case["expected"]
    torch.testing.assert_close(radius.delta_loss_mean, tensor(expected["delta_loss_mean"]), rtol=0, atol=1e-12)
    torch.testing.assert_close(radius.gamma, tensor(expected["gamma"]), rtol=0, atol=1e-12)
    torch.testing.assert_close(radius.epsilon, tensor(expected["epsilon"]), rtol=0, atol=1e-12)
    unclamped = tensor(expected["unclamped"])
    assert torch.equal(radius.clamped_low, unclamped < 0)
    assert torch.equal(radius.clamped_high, unclamped > 2 * case["epsilon"])


def test_by_hand():
    # dL = 1/8, 3/8, 5/8, 3/8: mean 3/8; gamma = 0.3 * (2/3, 0, 2/3, 0); only the third is fragile.
    radius = dpaat_radius(
        tensor([1.0, 1.0, 1.0, 1.0]),
        tensor([1.125, 1.375, 1.625, 1.375]),
        tensor([0.3, 0.3, 0.3, 0.2]),
        epsilon=0.3,
    )
    torch.testing.assert_close(radius.epsilon, tensor([0.5, 0.3, 0.1, 0.2]))
    assert radius.fragile.tolist() == [False, False, True, False]
    assert not radius.degenerate


def test_a_fragile_sample_below_zero_gets_radius_zero_and_is_counted():
    # dL = 0, 0, 3: mean 1; gamma of the third = 0.3 * 2 = 0.6 > 0.3.
    radius = dpaat_radius(tensor([1, 1, 1]), tensor([1, 1, 4]), tensor([0.3, 0.3, 0.3]), epsilon=0.3)
    torch.testing.assert_close(radius.epsilon, tensor([0.6, 0.6, 0.0]))
    assert radius.clamped_low.tolist() == [False, False, True]
    assert radius.clamped_high.tolist() == [False, False, False]


def test_a_sample_that_gained_from_the_attack_is_capped_at_twice_epsilon():
    # dL = -1, 3: mean 1; gamma of the first = 0.3 * 2 = 0.6, and 0.3 + 0.6 > 0.6.
    radius = dpaat_radius(tensor([2, 1]), tensor([1, 4]), tensor([0.3, 0.3]), epsilon=0.3)
    torch.testing.assert_close(radius.epsilon, tensor([0.6, 0.0]))
    assert radius.clamped_high.tolist() == [True, False]


@pytest.mark.parametrize("mean", [0.0, -0.2, 1e-6])
def test_a_mean_at_or_below_the_floor_leaves_the_norms(mean):
    norm = tensor([0.3, 0.1])
    radius = dpaat_radius(tensor([1, 1]), tensor([1, 1]), norm, epsilon=0.3, delta_loss_mean=tensor(mean))
    assert torch.equal(radius.epsilon, norm)
    assert radius.degenerate


def test_epsilon_zero_gives_radius_zero():
    radius = dpaat_radius(tensor([1, 1]), tensor([2, 4]), tensor([0, 0]), epsilon=0.0)
    assert radius.epsilon.tolist() == [0, 0]


def test_a_batch_of_one_keeps_its_norm():
    radius = dpaat_radius(tensor([1]), tensor([2]), tensor([0.25]), epsilon=0.3)
    assert radius.epsilon.tolist() == [0.25]


losses = st.floats(0, 20)


@given(st.lists(st.tuples(losses, losses, st.floats(0, 0.3)), min_size=1, max_size=8))
def test_every_radius_is_within_its_bounds(samples):
    radius = dpaat_radius(*tensor(samples).unbind(1), epsilon=0.3)
    assert torch.isfinite(radius.epsilon).all()
    assert ((radius.epsilon >= 0) & (radius.epsilon <= 0.6)).all()


def test_half_the_input_is_refused():
    with pytest.raises(ValueError, match=r"share one shape \(B,\), got \(2,\), \(2,\) and \(1,\)"):
        dpaat_radius(tensor([1, 1]), tensor([2, 2]), tensor([0.3]), epsilon=0.3)
    with pytest.raises(ValueError, match="epsilon must be a number of at least 0, got -1"):
        dpaat_radius(tensor([1]), tensor([2]), tensor([0.3]), epsilon=-1)


def test_gamma_is_scaled_and_only_some_samples_are_adapted():
    # dL = 0.1, 0.3 and its mean 0.2: gamma_i = 0.3 * 0.1 / 0.2 = 0.15 for both, of which the second is fragile.
    losses = torch.tensor([[0.5, 0.5], [0.6, 0.8]], dtype=torch.float64)

    def radii(**options):
        return dpaat_radius(
            *losses, torch.full((2,), 0.3, dtype=torch.float64), epsilon=0.3, **options
        ).epsilon.tolist()

    assert radii() == pytest.approx([0.45, 0.15])
    assert radii(gamma_scale=0.0) == pytest.approx([0.3, 0.3])
    assert radii(gamma_scale=0.5) == pytest.approx([0.375, 0.225])
    assert radii(gamma_scale=2.0) == pytest.approx([0.6, 0.0])
    assert radii(adapted="stable") == pytest.approx([0.45, 0.3])
    assert radii(adapted="fragile") == pytest.approx([0.3, 0.15])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"gamma_scale": -1.0}, r"gamma_scale must be a number of at least 0, got -1\.0"),
        ({"adapted": "none"}, "adapted must be one of all, stable, fragile, not 'none'"),
    ],
)
def test_bad_variants(options, message):
    with pytest.raises(ValueError, match=message):
        dpaat_radius(torch.ones(1), torch.ones(1), torch.ones(1), epsilon=0.3, **options)
