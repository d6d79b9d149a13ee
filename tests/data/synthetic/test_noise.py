import numpy as np
import pytest

from custom.data.synthetic.noise import PERIOD, Noise, smoothstep
from custom.data.synthetic.patterns import honeycomb, spots


@pytest.mark.parametrize("decay", [2.0, 4.0])
def test_unit_variance_and_period(decay):
    noise = Noise(np.random.default_rng(0), 0.3, decay)
    axis = np.linspace(0, PERIOD, 200, endpoint=False, dtype=np.float32)
    x, y = np.meshgrid(axis, axis)
    values = noise(x, y)
    assert abs(values.mean()) < 0.01
    assert values.std() == pytest.approx(1, abs=0.05)
    np.testing.assert_allclose(noise(x + PERIOD, y - PERIOD), values, atol=1e-3)


def test_neighbours_are_alike_the_more_the_smoother():
    x = np.arange(0, 4, 0.05, dtype=np.float32)
    steps = [np.abs(np.diff(Noise(np.random.default_rng(1), 0.5, d)(x, x))).mean() for d in (1.5, 3.0, 6.0)]
    assert steps[0] > steps[1] > steps[2]


def test_smoothstep_by_hand():
    values = np.array([-1, 0, 0.25, 0.5, 1, 2], np.float32)
    np.testing.assert_allclose(smoothstep(values, 0, 1), [0, 0, 0.15625, 0.5, 1, 1])
    np.testing.assert_allclose(smoothstep(values, 1, 0), [1, 1, 0.84375, 0.5, 0, 0])


def test_honeycomb_repeats_with_its_period_in_three_directions():
    x, y = np.random.default_rng(0).uniform(-1, 1, (2, 100))
    for angle in (np.pi / 6, np.pi / 2, 5 * np.pi / 6):
        moved = honeycomb(x + 0.2 * np.cos(angle), y + 0.2 * np.sin(angle), 0.2)
        np.testing.assert_allclose(moved, honeycomb(x, y, 0.2), atol=1e-5)
    assert honeycomb(np.zeros(1), np.zeros(1), 0.2) == pytest.approx(1)


def test_spots_have_their_radius():
    x = np.array([0.0, 0.05, 0.095, 0.14, 1.0], np.float32)
    values = spots(x, np.zeros_like(x), np.zeros((1, 2), np.float32), np.array([0.1], np.float32))
    np.testing.assert_allclose(values, [1, 1, 0.5, 0, 0], atol=1e-5)
