import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom.explain.measures import IOU_THRESHOLDS, centered_disc, energy_inside, iou_curve, pointing_game

MASK = np.array([[True, True], [False, False]])
SALIENCY = np.array([[1.0, 0.5], [0.25, 0.25]])


def test_pointing_game():
    assert pointing_game(SALIENCY, MASK) == 1
    assert pointing_game(SALIENCY, ~MASK) == 0
    assert pointing_game(np.ones((2, 2)), np.array([[True, False], [False, False]])) == 0.25


def test_energy_inside():
    assert energy_inside(SALIENCY, MASK) == 0.75
    assert energy_inside(SALIENCY, ~MASK) == 0.25


def test_iou_curve():
    # From 0.25 of the maximum all four places count, from 0.5 two, from 1 one; two of them are lesion.
    np.testing.assert_array_equal(iou_curve(SALIENCY, MASK, np.array([0.25, 0.5, 1.0])), [0.5, 1, 0.5])
    np.testing.assert_array_equal(iou_curve(10 * SALIENCY, MASK), iou_curve(SALIENCY, MASK))
    assert iou_curve(SALIENCY, MASK).shape == IOU_THRESHOLDS.shape == (19,)


@pytest.mark.parametrize(("saliency", "mask"), [(np.zeros((2, 2)), MASK), (SALIENCY, np.zeros((2, 2), bool))])
def test_nothing_to_compare_is_nan(saliency, mask):
    assert np.isnan(pointing_game(saliency, mask))
    assert np.isnan(energy_inside(saliency, mask))
    assert np.isnan(iou_curve(saliency, mask)).all()


def test_centered_disc_by_hand():
    mask = np.zeros((5, 5), bool)
    mask[0] = True
    expected = np.zeros((5, 5), bool)
    expected[1:4, 2] = expected[2, 1:4] = True
    blob = centered_disc(mask)
    np.testing.assert_array_equal(blob > 0, expected)
    assert blob.argmax() == 12
    assert blob[expected].min() == pytest.approx(0.99)
    # The image's own middle is in no lesion at the edge.
    assert pointing_game(blob, mask) == 0


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(2, 7), min_size=2, max_size=3), st.integers(0, 2**31))
def test_the_blob_has_the_area_of_the_lesion_and_lies_in_the_middle(shape, seed):
    mask = np.random.default_rng(seed).random(shape) < 0.4
    blob = centered_disc(mask)
    assert (blob > 0).sum() == mask.sum()
    if mask.any():
        found = np.argwhere(blob > 0)
        center = (np.array(shape) - 1) / 2
        outside = np.argwhere(blob == 0)
        reach = np.linalg.norm(found - center, axis=1).max()
        assert not len(outside) or np.linalg.norm(outside - center, axis=1).min() >= reach - 1e-9


def test_a_centerd_lesion_is_found_by_the_disc():
    grid = np.hypot(*np.mgrid[-10:11, -10:11])
    lesion = grid <= 6
    blob = centered_disc(lesion)
    assert pointing_game(blob, lesion) == 1
    assert energy_inside(blob, lesion) == 1
    np.testing.assert_array_equal(iou_curve(blob, lesion), 1)
