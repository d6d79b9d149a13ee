import time

import numpy as np
import pytest

from custom.metrics import bootstrap_intervals, group_weights
from custom.metrics.bootstrap import percentile_interval

NAMES = ["MEL", "BKL", "NV"]


def predictions(count=300, seed=0):
    generator = np.random.default_rng(seed)
    return generator.integers(0, 3, count), generator.dirichlet([1, 1, 1], count)


def test_images_of_one_group_are_drawn_together():
    weights = np.concatenate(list(group_weights(["a", "a", "b", "c"], 200, seed=0)))
    assert weights.shape == (200, 4)
    assert (weights[:, 0] == weights[:, 1]).all()
    assert (weights[:, [0, 2, 3]].sum(axis=1) == 3).all()
    assert weights[:, 2].mean() == pytest.approx(1, abs=0.15)


def test_percentiles_without_nan():
    assert percentile_interval(np.append(np.arange(101.0), np.nan)) == (2.5, 97.5)
    assert np.isnan(percentile_interval(np.array([np.nan]))).all()


def test_same_seed_same_interval_and_value_inside():
    labels, probabilities = predictions()
    groups = [str(index) for index in range(300)]
    first = bootstrap_intervals(labels, probabilities, NAMES, groups, resamples=200, seed=1)
    assert first == bootstrap_intervals(labels, probabilities, NAMES, groups, resamples=200, seed=1)
    assert first != bootstrap_intervals(labels, probabilities, NAMES, groups, resamples=200, seed=2)
    accuracy = first["accuracy"]
    assert accuracy.low < accuracy.value < accuracy.high


def test_width_is_that_of_the_binomial_distribution_for_single_images():
    labels, probabilities = predictions(400)
    interval = bootstrap_intervals(labels, probabilities, NAMES, [str(i) for i in range(400)], 2000)["accuracy"]
    expected = 2 * 1.96 * np.sqrt(interval.value * (1 - interval.value) / 400)
    assert interval.high - interval.low == pytest.approx(expected, rel=0.08)


def test_repeated_images_of_a_lesion_do_not_narrow_the_interval():
    labels, probabilities = predictions(100)
    groups = np.arange(100).astype(str)
    single = bootstrap_intervals(labels, probabilities, NAMES, groups, seed=5)
    labels, probabilities, groups = (array.repeat(4, axis=0) for array in (labels, probabilities, groups))
    fourfold = bootstrap_intervals(labels, probabilities, NAMES, groups, seed=5)
    assert fourfold["accuracy"] == pytest.approx(single["accuracy"])


def test_a_thousand_resamples_of_nine_hundred_images_take_seconds():
    labels, probabilities = predictions(900)
    started = time.perf_counter()
    bootstrap_intervals(labels, probabilities, NAMES, [str(i // 2) for i in range(900)], resamples=1000)
    assert time.perf_counter() - started < 10
