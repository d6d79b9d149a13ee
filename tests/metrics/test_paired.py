import numpy as np
import pytest

from custom.metrics import mcnemar, paired_differences

NAMES = ["MEL", "BKL", "NV"]


def test_mcnemar_counts_and_exact_p_value():
    first = [1] * 8 + [0] * 2 + [1] * 5 + [0] * 5
    second = [0] * 8 + [1] * 2 + [1] * 5 + [0] * 5
    # Two or fewer of ten fair coins, both sides: 2 * (1 + 10 + 45) / 1024.
    assert mcnemar(first, second) == (8, 2, pytest.approx(112 / 1024))


def test_mcnemar_of_equal_classifiers():
    assert mcnemar([1, 0, 1], [1, 0, 1]) == (0, 0, 1.0)


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
    assert set(differences.values()) == {(0.0, 0.0, 0.0)}
