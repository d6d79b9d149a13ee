"""Records: what goes in comes out."""

import numpy as np
import pytest

from custom.study.packed import digits, from_digits, pack, unpack
from custom.study.record import mean_radius


def test_digits_are_one_character_an_image():
    assert digits(np.array([0, 2, 1])) == "021"
    assert from_digits("021").tolist() == [0, 2, 1]
    assert digits(np.array([True, False])) == "10"


def test_more_than_ten_classes_are_refused():
    with pytest.raises(ValueError, match="ten classes"):
        digits(np.array([10]))


def test_probabilities_survive_to_16_bits():
    values = np.random.default_rng(0).dirichlet([1, 1, 1], size=50)
    assert np.abs(unpack(pack(values), 3) - values).max() < 2e-5


def test_the_mean_radius_is_that_after_the_warm_up():
    settings = {"epsilon": 0.2, "epsilon_scale": 1.5, "warm_up_epochs": 1}
    assert mean_radius({"epsilon_mean": [9.0, 0.2, 0.3]}, settings) == pytest.approx(0.25)
    assert mean_radius({"loss": [1.0]}, settings) == pytest.approx(0.3)
