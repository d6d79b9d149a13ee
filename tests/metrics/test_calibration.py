import numpy as np
import pytest

from custom.metrics import calibration_error, reliability_bins


def test_error_of_a_case_worked_out_by_hand():
    # Two confidences of 0.9, one right: 0.4^2 - 0.25 / 1. Three of 0.6, all right: 0.4^2 - 0. One of 0.7, wrong:
    # 0.7^2 - 0.7 * 0.3.
    probabilities = [[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4], [0.6, 0.4], [0.7, 0.3]]
    expected = (2 * (0.16 - 0.25) + 3 * 0.16 + (0.49 - 0.21)) / 6
    assert calibration_error([0, 1, 0, 0, 0, 1], probabilities, bins=10) == pytest.approx(expected**0.5)


def test_perfectly_calibrated_is_zero():
    assert calibration_error([0, 0, 0, 1], [[0.75, 0.25]] * 4, bins=10) == 0


def test_square_of_the_error_is_unbiased_where_the_plain_error_is_not():
    generator = np.random.default_rng(0)
    for shift in (0.0, 0.15):
        squares, plain = [], []
        for _ in range(200):
            confidence = np.repeat([0.55, 0.65, 0.75, 0.85], 25)
            labels = (generator.random(100) >= confidence - shift).astype(int)
            probabilities = np.stack([confidence, 1 - confidence], axis=1)
            squares.append(calibration_error(labels, probabilities, bins=10) ** 2)
            bins = reliability_bins(labels, probabilities, bins=10)
            plain.append(np.nansum(bins.images * np.abs(bins.accuracy - bins.confidence)) / 100)
        # Cutting off at zero adds a little to a calibrated classifier's.
        assert np.mean(squares) == pytest.approx(shift**2, abs=0.004)
        assert np.mean(plain) > shift + (0.06 if shift == 0 else 0)


def test_confidence_on_an_edge_belongs_to_the_bin_below():
    bins = reliability_bins([0, 0, 0], [[0.5, 0.5], [0.51, 0.49], [1.0, 0.0]], bins=2)
    assert bins.images.tolist() == [1, 2]
    assert bins.confidence == pytest.approx([0.5, 0.755])


def test_empty_bins_are_nan_and_do_not_count():
    bins = reliability_bins([0], [[1.0, 0.0]], bins=4)
    assert np.isnan(bins.accuracy[:3]).all()
    assert bins.accuracy[3] == 1
