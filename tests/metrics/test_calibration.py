import numpy as np
import pytest

from custom.metrics import expected_calibration_error, reliability_bins


def test_error_of_a_case_worked_out_by_hand():
    # Two confidences of 0.9, one right: |0.5 - 0.9| = 0.4. Two of 0.6, both right: |1 - 0.6| = 0.4.
    probabilities = [[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4]]
    assert expected_calibration_error([0, 1, 0, 0], probabilities, bins=10) == pytest.approx(0.4)


def test_perfectly_calibrated_is_zero():
    assert expected_calibration_error([0, 0, 0, 1], [[0.75, 0.25]] * 4, bins=10) == pytest.approx(0)


def test_confidence_on_an_edge_belongs_to_the_bin_below():
    bins = reliability_bins([0, 0, 0], [[0.5, 0.5], [0.51, 0.49], [1.0, 0.0]], bins=2)
    assert bins.images.tolist() == [1, 2]
    assert bins.confidence == pytest.approx([0.5, 0.755])


def test_empty_bins_are_nan_and_do_not_count():
    bins = reliability_bins([0], [[1.0, 0.0]], bins=4)
    assert np.isnan(bins.accuracy[:3]).all()
    assert bins.accuracy[3] == 1
