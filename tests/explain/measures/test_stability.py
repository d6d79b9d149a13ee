import numpy as np

from custom.explain.measures import rank_correlation


def test_hand_computed():
    # Spearman's 1 - 6 sum d^2 / (n (n^2 - 1)) for ranks (1, 2, 3, 4) and (2, 1, 4, 3): 1 - 6 * 4 / 60.
    assert np.isclose(rank_correlation(np.array([[0.1, 0.2], [0.3, 0.4]]), np.array([[2, 1], [4, 3]])), 0.6)
    assert np.isclose(rank_correlation(np.arange(9.0), np.arange(9.0) ** 3), 1)
    assert np.isclose(rank_correlation(np.arange(9.0), -np.arange(9.0)), -1)


def test_a_constant_map_has_no_order():
    assert np.isnan(rank_correlation(np.zeros(4), np.arange(4.0)))
    assert np.isnan(rank_correlation(np.arange(4.0), np.ones(4)))
