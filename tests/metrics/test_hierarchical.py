"""Intervals over seeds and lesions, against variances worked out by hand."""

import numpy as np
import pytest
from scipy.stats import norm

from custom.metrics.hierarchical import estimate_of, hierarchical_mean, resampled_means, seed_weights


def test_seeds_alone_give_the_standard_error_of_their_mean():
    # Every image alike, so that lesions add nothing: means 0.2, 0.5 and 0.8, s = 0.3, s / sqrt(3) = 0.1732.
    values = np.repeat([[0.2], [0.5], [0.8]], 10, axis=1)
    draws = resampled_means(values, range(10), resamples=20000)
    combined = (seed_weights(3, 20000, 0) * draws).sum(axis=1)
    assert combined.mean() == pytest.approx(0.5, abs=0.004)
    assert combined.std() == pytest.approx(0.3 / np.sqrt(3), abs=0.003)


def test_lesions_alone_give_the_binomial_standard_error():
    # One seed, 400 lesions of one image, 60 % right: sqrt(0.6 * 0.4 / 400) = 0.0245.
    estimate = hierarchical_mean([np.arange(400) < 240], range(400), resamples=8000)
    assert estimate.value == pytest.approx(0.6)
    half = 1.96 * np.sqrt(0.6 * 0.4 / 400)
    assert (estimate.low, estimate.high) == pytest.approx((0.6 - half, 0.6 + half), abs=0.004)
    assert estimate.seeds == 1


def test_images_of_one_lesion_are_one_piece_of_evidence():
    right = np.repeat(np.arange(50) < 30, 8)
    single = hierarchical_mean([right], np.arange(400), resamples=4000)
    lesions = hierarchical_mean([right], np.repeat(np.arange(50), 8), resamples=4000)
    # Eight images a lesion that agree: sqrt(8) times as wide.
    assert (lesions.high - lesions.low) / (single.high - single.low) == pytest.approx(np.sqrt(8), rel=0.08)


def test_both_sources_add_up():
    # Seeds with means 0.4 and 0.6 of 500 lesions each, right or wrong independently of each other.
    generator = np.random.default_rng(3)
    values = np.stack([generator.permutation(np.arange(500) < 500 * share) for share in (0.4, 0.6)])
    draws = (seed_weights(2, 20000, 0) * resampled_means(values, range(500), resamples=20000)).sum(axis=1)
    # One of two seeds is drawn: the mean of the seeds' variances of lesions, and the variance of the seeds' means.
    assert draws.std() == pytest.approx(np.sqrt(0.24 / 500 + 0.1**2), rel=0.03)


def test_a_difference_is_paired():
    generator = np.random.default_rng(0)
    first = generator.random((3, 300)) < 0.6
    # The second is right wherever the first is, and on every tenth image more: always 0.1 * 0.4 better.
    second = first | (np.arange(300) % 10 == 0)
    difference = hierarchical_mean(second.astype(float) - first, range(300))
    assert difference.value == pytest.approx((second & ~first).mean())
    assert difference.low > 0
    assert difference.p_value < 0.01


def test_no_difference_has_a_p_value_of_one():
    assert hierarchical_mean(np.zeros((3, 20)), range(20)).p_value == 1


def test_p_values_are_uniform_if_nothing_differs():
    generator = np.random.default_rng(5)
    found = [
        hierarchical_mean(generator.integers(-1, 2, (1, 200)), range(200), resamples=400, seed=number).p_value
        for number in range(300)
    ]
    assert np.mean(np.array(found) < 0.05) == pytest.approx(0.05, abs=0.03)


def test_members_alone_count():
    values, members = [[1, 0, 1, 0], [1, 1, 1, 0]], [True, True, False, False]
    assert hierarchical_mean(values, list("abcd"), members).value == 0.75


def test_the_same_seed_gives_the_same_interval():
    values = np.random.default_rng(1).random((3, 40))
    assert hierarchical_mean(values, range(40), seed=4) == hierarchical_mean(values, range(40), seed=4)


def test_resamples_without_a_value_are_left_out():
    draws = np.array([[0.5], [np.nan], [0.7]])
    assert estimate_of(0.6, draws)[:3] == pytest.approx((0.6, 0.505, 0.695))


def test_the_p_value_is_that_of_a_z_test():
    # 500 lesions, +1 on 60, -1 on 40, 0 on the others: mean 0.04, variance 0.2 - 0.04^2, z = 2.008.
    values = np.repeat([1.0, -1.0, 0.0], [60, 40, 400])
    p_value = hierarchical_mean([values], range(500), resamples=20000).p_value
    assert p_value == pytest.approx(2 * norm.sf(0.04 / np.sqrt((0.2 - 0.0016) / 500)), rel=0.05)
