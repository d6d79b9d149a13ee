"""Holm's adjustment, against numbers worked out by hand."""

import pytest

from custom.metrics.multiple_comparisons import holm


def test_numbers_by_hand():
    # 4 * 0.005, 3 * 0.01, 2 * 0.03, 1 * 0.04 and then the running largest.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_never_above_one():
    assert holm([0.6, 0.7]) == [1.0, 1.0]


def test_one_p_value_stays():
    assert holm([0.03]) == [0.03]
    assert holm([]) == []
