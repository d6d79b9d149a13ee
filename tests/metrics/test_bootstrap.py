import numpy as np
import pytest
from scipy.stats import binomtest

from custom.metrics import bootstrap_intervals, bootstrap_share, group_weights
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
    first, second, other = (
        bootstrap_intervals(labels, probabilities, NAMES, groups, resamples=200, seed=seed) for seed in (1, 1, 2)
    )
    for intervals in (first, second, other):
        del intervals["calibration_error"]
    assert first == second
    assert first != other
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


def test_the_calibration_error_has_no_interval():
    labels, probabilities = predictions()
    found = bootstrap_intervals(labels, probabilities, NAMES, range(300), resamples=20)["calibration_error"]
    assert found.value > 0
    assert np.isnan([found.low, found.high]).all()


def test_all_or_none_correct_has_the_interval_of_clopper_and_pearson():
    # 20 images of 10 lesions, all correct: low^10 = 2.5 %.
    groups = np.arange(20) // 2
    for counted, (low, high) in ((1, (0.025**0.1, 1)), (0, (0, 1 - 0.025**0.1))):
        assert bootstrap_share([counted] * 20, groups, 50) == (counted, pytest.approx(low), pytest.approx(high))
    exact = binomtest(10, 10).proportion_ci(0.95)
    assert exact.low == pytest.approx(0.025**0.1)
    labels, probabilities = np.arange(30) % 3, np.eye(3)[np.arange(30) % 3]
    found = bootstrap_intervals(labels, probabilities, NAMES, range(30), 20)
    assert found["accuracy"] == (1, pytest.approx(0.025 ** (1 / 30)), 1)
    assert found["recall_NV"] == (1, pytest.approx(0.025**0.1), 1)


def test_a_single_group_says_nothing_of_others():
    assert bootstrap_share([1, 1, 0], ["a", "a", "a"], 50) == (pytest.approx(2 / 3), 0, 1)
    assert bootstrap_share([1, 1, 1], ["a", "a", "a"], 50) == (1, pytest.approx(0.025), 1)
    labels, probabilities = predictions()
    found = bootstrap_intervals(labels, probabilities, NAMES, ["a"] * 300, resamples=20)
    for name in ("accuracy", "recall", "f1", "roc_auc", "recall_NV"):
        assert (found[name].low, found[name].high) == (0, 1)
    assert np.isnan(found["brier_score"].low)


def test_share_is_that_of_the_metrics():
    labels, probabilities = predictions()
    groups = np.arange(300) // 3
    share = bootstrap_share(probabilities.argmax(1) == labels, groups, 200, seed=4)
    assert share == pytest.approx(bootstrap_intervals(labels, probabilities, NAMES, groups, 200, seed=4)["accuracy"])
    assert np.isnan(bootstrap_share([], [])).all()
