import numpy as np
import pytest
from scipy.special import softmax
from sklearn.metrics import log_loss

from custom.metrics.temperature import fit_temperature, with_temperature


def test_it_divides_the_logits():
    logits = np.random.default_rng(0).normal(0, 3, (20, 4))
    for temperature in (0.5, 1.0, 3.0):
        assert with_temperature(softmax(logits, axis=1), temperature) == pytest.approx(
            softmax(logits / temperature, axis=1)
        )


def test_a_temperature_that_was_put_in_is_found():
    generator = np.random.default_rng(1)
    logits = generator.normal(0, 2, (20_000, 3))
    true = softmax(logits, axis=1)
    labels = (true.cumsum(axis=1) > generator.random((20_000, 1))).argmax(axis=1)
    # Overconfident by a factor of two and a half.
    assert fit_temperature(labels, softmax(2.5 * logits, axis=1)) == pytest.approx(2.5, rel=0.03)


def test_it_is_the_minimum_of_scikit_learns_loss():
    generator = np.random.default_rng(2)
    labels, probabilities = generator.integers(0, 3, 200), generator.dirichlet([1, 1, 1], 200)
    found = fit_temperature(labels, probabilities)
    best = log_loss(labels, with_temperature(probabilities, found))
    for other in (found * 0.95, found * 1.05):
        assert best <= log_loss(labels, with_temperature(probabilities, other))


def test_probabilities_of_zero_stay_finite():
    assert np.isfinite(with_temperature([[1.0, 0.0]], 2.0)).all()
    assert fit_temperature([0, 1], [[1.0, 0.0], [1.0, 0.0]]) == pytest.approx(20, rel=1e-3)
