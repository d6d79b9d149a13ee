import numpy as np
import pytest
from scipy.stats import binomtest, permutation_test

from custom.metrics import paired_differences, sign_flip_test

NAMES = ["MEL", "BKL", "NV"]


def test_counts_and_exact_p_value_with_one_image_a_lesion():
    first = [1] * 8 + [0] * 2 + [1] * 5 + [0] * 5
    second = [0] * 8 + [1] * 2 + [1] * 5 + [0] * 5
    # Two or fewer of ten fair coins, both sides: 2 * (1 + 10 + 45) / 1024.
    assert sign_flip_test(first, second, range(20)) == (8, 2, pytest.approx(112 / 1024))


def test_one_image_a_lesion_is_mcnemars_exact_test():
    generator = np.random.default_rng(0)
    for _ in range(20):
        first, second = generator.random((2, 60)) < [[0.6], [0.7]]
        found = sign_flip_test(first, second, range(60))
        assert found.p_value == pytest.approx(binomtest(found.only_first, found.only_first + found.only_second).pvalue)


def test_images_of_one_lesion_are_one_piece_of_evidence():
    # Lesions that change by +3, +2 and -1: of the eight signs, |sum| >= 4 for ++-, +++, --+ and ---.
    first, second = [0, 0, 0, 0, 0, 1], [1, 1, 1, 1, 1, 0]
    assert sign_flip_test(first, second, list("aaabbc")).p_value == pytest.approx(4 / 8)


def test_p_value_is_that_of_scipys_permutation_test():
    generator = np.random.default_rng(3)
    groups = generator.integers(0, 10, 40)
    first, second = generator.random((2, 40)) < 0.6
    change = np.bincount(groups, weights=second.astype(float) - first, minlength=10)
    expected = permutation_test(
        (change, np.zeros(10)),
        lambda one, other: (one - other).sum(),
        permutation_type="samples",
        n_resamples=np.inf,
    )
    assert sign_flip_test(first, second, groups).p_value == pytest.approx(expected.pvalue)


def test_equal_classifiers():
    assert sign_flip_test([1, 0, 1], [1, 0, 1], list("abc")) == (0, 0, 1.0)


def test_differences_are_second_minus_first_and_narrower_than_unpaired_intervals():
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 3, 300)
    first = generator.dirichlet([1, 1, 1], 300)
    second = first.copy()
    second[:30] = np.eye(3)[labels[:30]]
    difference = paired_differences(labels, first, second, NAMES, [str(i) for i in range(300)])["accuracy"]
    gained = (first[:30].argmax(1) != labels[:30]).mean() * 0.1
    assert difference.value == pytest.approx(gained)
    assert 0 < difference.low < difference.value < difference.high < 0.12


def test_equal_classifiers_differ_by_nothing():
    generator = np.random.default_rng(1)
    labels, probabilities = generator.integers(0, 3, 60), generator.dirichlet([1, 1, 1], 60)
    differences = paired_differences(labels, probabilities, probabilities, NAMES, [str(i) for i in range(60)], 50)
    error = differences.pop("calibration_error")
    assert set(differences.values()) == {(0.0, 0.0, 0.0)}
    assert error.value == 0
    assert np.isnan([error.low, error.high]).all()
